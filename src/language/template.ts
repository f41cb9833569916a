/**
 * Templates in mailbox names and labels: `Lists/{{ list.id | lower }}`. No expressions; every value
 * from a message becomes one harmless piece of a name (rule-language: templates).
 */
import { whyInvalidKeyword } from '../mail/flags.ts';
import type { MemoryAsk } from '../mail/mail-memory.ts';
import { type MailboxName, parseMailboxName, whyInvalid } from '../mail/mailbox-name.ts';
import type { Field } from '../mail/message-view.ts';
import type { Rendered, RenderInput } from './evaluation.ts';
import { type FieldReader, fieldFor, whyUnknownField } from './template-fields.ts';
import { applyFilter, parseFilter, type TemplateFilter } from './template-filters.ts';
import { safeSegment } from './template-safety.ts';

/** A parsed template. */
export interface Template {
  readonly source: string;
  readonly parts: readonly TemplatePart[];
  /** What a template that names no field gives as a mailbox name, worked out once. */
  readonly fixed?: Rendered<MailboxName>;
}

type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'field';
      readonly read: FieldReader;
      readonly filters: readonly TemplateFilter[];
    };

/** Reads a template; the offset of an error counts UTF-16 units from the start of the text. */
export function parseTemplate(
  source: string,
):
  | { readonly kind: 'ok'; readonly template: Template }
  | { readonly kind: 'error'; readonly message: string; readonly offset: number } {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of source.matchAll(/\{\{(.*?)\}\}/gs)) {
    if (match.index > end) parts.push({ kind: 'text', text: source.slice(end, match.index) });
    const part = parsePart(match[1] ?? '');
    if (typeof part === 'string') return { kind: 'error', message: part, offset: match.index };
    parts.push(part);
    end = match.index + match[0].length;
  }
  const rest = source.slice(end);
  const stray = rest.search(/\{\{|\}\}/);
  if (stray >= 0) {
    const message = 'a "{{" without its "}}", or the other way round';
    return { kind: 'error', message, offset: end + stray };
  }
  if (rest !== '') parts.push({ kind: 'text', text: rest });
  const isFixed = parts.every((part) => part.kind === 'text');
  const fixed = isFixed ? { fixed: asMailbox(source, source) } : {};
  return { kind: 'ok', template: { source, parts, ...fixed } };
}

/** The text of a template that names no field, or undefined. */
export function staticText(template: Template): string | undefined {
  return template.parts.every((part) => part.kind === 'text') ? template.source : undefined;
}

/** The template with a letter in place of each field: what is wrong with it is wrong always. */
export function sampleText(template: Template): string {
  return template.parts.map((part) => (part.kind === 'text' ? part.text : 'x')).join('');
}

/** Every fact that rendering may ask for. */
export function templateFields(template: Template): readonly Field[] {
  return template.parts.flatMap((part) => (part.kind === 'field' ? part.read.needs : []));
}

/** Everything that rendering may ask of the memory of the account. */
export function templateAsks(template: Template): readonly MemoryAsk[] {
  return template.parts.flatMap((part) => (part.kind === 'field' ? (part.read.asks ?? []) : []));
}

/** Renders a mailbox name; each substituted value is one safe segment of it. */
export function renderMailbox(template: Template, input: RenderInput): Rendered<MailboxName> {
  if (template.fixed !== undefined) return template.fixed;
  const rendered = renderParts(template, input, (value, field) =>
    field.isMailbox === true ? value : safeSegment(value, input.context.separator),
  );
  return rendered.kind === 'text' ? asMailbox(rendered.text, template.source) : rendered;
}

function asMailbox(text: string, source: string): Rendered<MailboxName> {
  const reason = whyInvalid(text);
  return reason === undefined
    ? { kind: 'text', text: parseMailboxName(text) }
    : { kind: 'indeterminate', reason: `"${source}" gives a bad name: ${reason}` };
}

/** Renders a text that is no name: values as they are, on one line. */
export function renderPlain(template: Template, input: RenderInput): Rendered<string> {
  return renderParts(template, input, (value) => value.replaceAll(/\s+/g, ' ').trim());
}

/** Renders a label as a keyword: what a keyword cannot hold becomes `-`. */
export function renderLabel(template: Template, input: RenderInput): Rendered<string> {
  const rendered = renderParts(template, input, (value) =>
    safeSegment(value, input.context.separator).replaceAll(
      /[^!#$&'+\-./0-9:;<=>?@A-Z[^_`a-z|}~]/g,
      '-',
    ),
  );
  if (rendered.kind !== 'text') return rendered;
  const reason = whyInvalidKeyword(rendered.text);
  return reason === undefined
    ? rendered
    : { kind: 'indeterminate', reason: `"${template.source}" gives a bad keyword: ${reason}` };
}

function renderParts(
  template: Template,
  input: RenderInput,
  makeSafe: (value: string, field: FieldReader) => string,
): Rendered<string> {
  let text = '';
  const missing: Field[] = [];
  for (const part of template.parts) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const value = part.read.read(input);
    if (value.kind === 'needs') missing.push(...value.fields);
    if (value.kind === 'indeterminate' || value.kind === 'empty') return value;
    if (value.kind !== 'text') continue;
    const safe = makeSafe(part.filters.reduce(applyFilter, value.text), part.read);
    if (safe === '') return { kind: 'empty', field: part.read.name };
    text += safe;
  }
  return missing.length > 0 ? { kind: 'needs', fields: missing } : { kind: 'text', text };
}

function parsePart(inner: string): TemplatePart | string {
  const [name = '', ...filterTexts] = inner.split('|').map((piece) => piece.trim());
  const read = fieldFor(name);
  if (read === undefined) return whyUnknownField(name);
  const filters: TemplateFilter[] = [];
  for (const text of filterTexts) {
    const filter = parseFilter(text);
    if (typeof filter === 'string') return filter;
    filters.push(filter);
  }
  return { kind: 'field', read, filters };
}
