/** The values that a condition saw, in words: what `explain` shows beside a verdict. */
import type { Address, MessageView, Reading } from '../mail/message-view.ts';

const MAX_CHARS = 160;

/** A value as it may be shown: quoted, cut where it is long. */
export function quoteSeen(text: string): string {
  const letters = Array.from(text);
  const shown = letters.length <= MAX_CHARS ? text : `${letters.slice(0, MAX_CHARS).join('')}…`;
  return JSON.stringify(shown);
}

/** Header fields as text: `subject "hello"`, `no subject`. */
export function sawTexts(view: MessageView, fields: readonly string[]): string {
  return fields.map((field) => sawField(view, field, (headers) => headers.text(field))).join(', ');
}

/** Header fields as addresses; those that the message lacks are left out when another has some. */
export function sawAddresses(view: MessageView, fields: readonly string[]): string {
  const seen = fields.map((field) =>
    sawField(
      view,
      field,
      (headers) => mapReading(headers.addresses(field), showAddress),
      (text) => text,
    ),
  );
  const present = seen.filter((text) => !text.startsWith('no '));
  return present.length > 0 ? present.join(', ') : seen.join(', ');
}

/** A reading that is no header field: `body "…"`. */
export function sawReading(word: string, reading: Reading<string> | undefined): string {
  if (reading === undefined) return `${word} not read`;
  if (reading.kind === 'unreadable') return `${word} unreadable: ${reading.reason}`;
  return reading.values.length === 0
    ? `no ${word}`
    : `${word} ${reading.values.map(quoteSeen).join(', ')}`;
}

/** Facts that come with every message. */
export function sawBasic(
  view: MessageView,
  show: (basic: NonNullable<MessageView['basic']>) => string,
): string {
  return view.basic === undefined ? 'not read' : show(view.basic);
}

function sawField(
  { headers }: MessageView,
  field: string,
  read: (headers: NonNullable<MessageView['headers']>) => Reading<string>,
  show: (text: string) => string = quoteSeen,
): string {
  if (headers === undefined || !headers.isLoaded(field)) return `${field} not read`;
  const reading = read(headers);
  if (reading.kind === 'unreadable') return `${field} unreadable: ${reading.reason}`;
  return reading.values.length === 0
    ? `no ${field}`
    : `${field} ${reading.values.map(show).join(', ')}`;
}

function showAddress({ name, address }: Address): string {
  return name === '' ? quoteSeen(address) : quoteSeen(`${name} <${address}>`);
}

function mapReading<T>(reading: Reading<T>, convert: (value: T) => string): Reading<string> {
  return reading.kind === 'values'
    ? { kind: 'values', values: reading.values.map(convert) }
    : reading;
}
