/** Filters of templates: `{{ subject | slug | truncate: 20 }}`. */
import { suggest } from '../core/suggest.ts';

/** A filter with its argument. */
export type TemplateFilter =
  | { readonly kind: 'lower' | 'upper' | 'slug' }
  | { readonly kind: 'truncate'; readonly length: number };

/** The names of the filters, for messages and the reference. */
export const FILTER_NAMES = ['lower', 'upper', 'slug', 'truncate'] as const;

/** Reads a filter; a string says what is wrong with it. */
export function parseFilter(text: string): TemplateFilter | string {
  const truncate = /^truncate\s*:\s*(\d{1,3})$/.exec(text);
  if (truncate !== null && Number(truncate[1]) > 0) {
    return { kind: 'truncate', length: Number(truncate[1]) };
  }
  if (text === 'lower' || text === 'upper' || text === 'slug') return { kind: text };
  if (text.startsWith('truncate')) return 'truncate wants a length: {{ subject | truncate: 20 }}';
  const near = suggest(text, FILTER_NAMES);
  return `unknown filter "${text}"; there are ${FILTER_NAMES.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

/** Applies one filter. */
export function applyFilter(value: string, filter: TemplateFilter): string {
  switch (filter.kind) {
    case 'lower':
      return value.toLowerCase();
    case 'upper':
      return value.toUpperCase();
    case 'slug':
      return slug(value);
    default:
      return Array.from(value).slice(0, filter.length).join('');
  }
}

/** Letters and digits of any script, everything else one hyphen; marks are taken off Latin letters. */
function slug(value: string): string {
  return value
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
}
