/** The fields that a template may name, and how each is read from a message. */
import { suggest } from '../core/suggest.ts';
import type { MemoryAsk } from '../mail/mail-memory.ts';
import type { Address, Field, Headers, Reading } from '../mail/message-view.ts';
import { splitAddress } from './address-parts.ts';
import { parseMessageDate } from './calendar.ts';
import type { Rendered, RenderInput } from './evaluation.ts';
import { listId, listName } from './list-id.ts';

/** Reads one field of a message. */
export interface FieldReader {
  readonly name: string;
  readonly needs: readonly Field[];
  /** What it asks of the memory of the account; absent: nothing. */
  readonly asks?: readonly MemoryAsk[];
  /** Its value is the name of a mailbox that exists: whole, levels and all. */
  readonly isMailbox?: boolean;
  read(input: RenderInput): Rendered<string>;
}

const ADDRESS_PARTS: Readonly<Record<string, (address: Address) => string>> = {
  address: (address) => address.address,
  localpart: (address) => splitAddress(address.address).localpart,
  domain: (address) => splitAddress(address.address).domain,
  name: (address) => address.name,
};

const DATE_PARTS: Readonly<Record<string, (date: Date) => string>> = {
  year: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  month: (date) => String(date.getUTCMonth() + 1).padStart(2, '0'),
  day: (date) => String(date.getUTCDate()).padStart(2, '0'),
  week: isoWeek,
};

const FIXED: readonly FieldReader[] = [
  ...Object.entries(ADDRESS_PARTS).flatMap(([part, read]) =>
    ['from', 'to'].map((field) => addressField(`${field}.${part}`, field, read)),
  ),
  textField('subject', 'subject', (value) => value),
  textField('list.id', 'list-id', listId),
  textField('list.name', 'list-id', listName),
  ...Object.entries(DATE_PARTS).flatMap(([part, read]) => [
    textField(`date.${part}`, 'date', (value) => {
      const ms = parseMessageDate(value);
      return ms === undefined ? null : read(new Date(ms));
    }),
    receivedField(`received.${part}`, read),
  ]),
  {
    name: 'account',
    needs: [],
    read: ({ view }) => ({ kind: 'text', text: String(view.ref.account) }),
  },
  usualMailbox(),
];

const BY_NAME = new Map(FIXED.map((field) => [field.name, field]));

/** The names of the fields, for messages and the reference. */
export const FIELD_NAMES: readonly string[] = [
  ...BY_NAME.keys(),
  'match.1',
  'header.NAME',
  'var.NAME',
];

/** Looks a field up; undefined when there is none of that name. */
export function fieldFor(name: string): FieldReader | undefined {
  const fixed = BY_NAME.get(name);
  if (fixed !== undefined) return fixed;
  const [, family, rest] = /^(match|header|var)\.(.+)$/.exec(name) ?? [];
  if (rest === undefined) return undefined;
  if (family === 'match') return /^[1-9]\d?$/.test(rest) ? capture(name, Number(rest)) : undefined;
  if (family === 'var') return variable(name, rest);
  return /^[!-9;-~]+$/.test(rest)
    ? textField(name, rest.toLowerCase(), (value) => value)
    : undefined;
}

/** What to say about a field that does not exist. */
export function whyUnknownField(name: string): string {
  const near = suggest(name, FIELD_NAMES);
  return near === undefined
    ? `unknown field "${name}"; there are ${FIELD_NAMES.join(', ')}`
    : `unknown field "${name}"; did you mean "${near}"?`;
}

/** Where most mail of the author lies, beside the mailbox that the message is in. */
function usualMailbox(): FieldReader {
  const name = 'sender.usual_mailbox';
  return {
    name,
    needs: ['header:from'],
    asks: [{ kind: 'everywhere' }],
    isMailbox: true,
    read: ({ view, context }) => {
      const { headers } = view;
      if (headers === undefined || !headers.isLoaded('from')) {
        return { kind: 'needs', fields: ['header:from'] };
      }
      const reading = headers.addresses('from');
      if (reading.kind === 'unreadable') {
        return { kind: 'indeterminate', reason: `from: ${reading.reason}` };
      }
      const address = reading.values[0]?.address ?? '';
      const mailbox = context.memory?.usualMailbox(address, view.ref.mailbox);
      return textOr(name, mailbox === null ? undefined : mailbox);
    },
  };
}

function capture(name: string, number: number): FieldReader {
  const read = ({ captures }: RenderInput): Rendered<string> => textOr(name, captures[number - 1]);
  return { name, needs: [], read };
}

function variable(name: string, key: string): FieldReader {
  return {
    name,
    needs: [],
    read: ({ context }) =>
      textOr(name, Object.hasOwn(context.variables, key) ? context.variables[key] : undefined),
  };
}

function textField(
  name: string,
  header: string,
  convert: (value: string) => string | null,
): FieldReader {
  return headerField(name, header, (headers) => {
    const reading = headers.text(header);
    if (reading.kind === 'unreadable') return reading;
    const [first] = reading.values;
    return { kind: 'values', values: first === undefined ? [] : [convert(first) ?? ''] };
  });
}

function addressField(
  name: string,
  header: string,
  part: (address: Address) => string,
): FieldReader {
  return headerField(name, header, (headers) => {
    const reading = headers.addresses(header);
    return reading.kind === 'unreadable'
      ? reading
      : { kind: 'values', values: reading.values.slice(0, 1).map(part) };
  });
}

function headerField(
  name: string,
  header: string,
  value: (headers: Headers) => Reading<string>,
): FieldReader {
  return {
    name,
    needs: [`header:${header}`],
    read: ({ view: { headers } }) => {
      if (headers === undefined || !headers.isLoaded(header)) {
        return { kind: 'needs', fields: [`header:${header}`] };
      }
      const reading = value(headers);
      return reading.kind === 'values'
        ? textOr(name, reading.values[0])
        : { kind: 'indeterminate', reason: `${header}: ${reading.reason}` };
    },
  };
}

function receivedField(name: string, read: (date: Date) => string): FieldReader {
  return {
    name,
    needs: ['basic'],
    read: ({ view }) =>
      view.basic === undefined
        ? { kind: 'needs', fields: ['basic'] }
        : { kind: 'text', text: read(new Date(view.basic.internalDateMs)) },
  };
}

function textOr(field: string, text: string | undefined): Rendered<string> {
  return text === undefined || text === '' ? { kind: 'empty', field } : { kind: 'text', text };
}

/** The ISO 8601 week, two digits: the week that holds the year's first Thursday is 01. */
function isoWeek(date: Date): string {
  const day = (date.getUTCDay() + 6) % 7;
  const thursday = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - day + 3);
  const yearStart = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((thursday - yearStart) / (7 * 86_400_000));
  return String(week).padStart(2, '0');
}
