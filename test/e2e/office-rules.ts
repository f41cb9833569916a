/**
 * Twenty rules, twice: as a rule file, and as plain code over letters. The second is the reference;
 * it reads no rule file and calls nothing of the program.
 */
import type { Letter } from './generate-mail.ts';

/** The rule file. */
export const OFFICE_RULES = `
mailbox: INBOX
rules:
  - name: Boss
    when: { from: boss@corp.example }
    then: [ star, { label: boss } ]
  - name: Invoices
    when: { subject: { contains: invoice } }
    then: [ { copy: Accounting/Invoices, create: true } ]
  - name: Copies to me
    when: { cc: me@home.example }
    then: [ { label: cc-me } ]
  - name: Todo
    when: { keyword: todo }
    then: [ { unlabel: todo }, { copy: Todo, create: true } ]
  - name: Kept by hand
    when: { flagged: true }
    then: [ stop ]
  - name: Builds failed
    when: { from: ci@build.example, subject: { contains: FAILED } }
    then: [ { flag: flagged }, { move: CI/Failed, create: true } ]
  - name: Builds passed
    when: { from: "@build.example", subject: { ends: passed } }
    then: [ mark_read, { move: CI/Passed, create: true } ]
  - name: Expired
    when: { header: { X-Auto-Expire: { exists: true } }, age: { over: 30d } }
    then: [ trash ]
  - name: Developers
    when: { list: { is: dev.lists.example.org } }
    then: [ { move: Lists/Developers, create: true } ]
  - name: Other lists of ours
    when: { list: { matches: "*.lists.example.org" } }
    then: [ { move: "Lists/{{ match.1 }}", create: true } ]
  - name: Foreign lists, unread
    when: { list: true, seen: false }
    then: [ { label: unread-list } ]
  - name: Foreign lists
    when: { list: true }
    then: [ { move: Lists/Other, create: true } ]
  - name: Newsletters
    when: { from: "@*.news.example" }
    then: [ { label: newsletter }, { move: Newsletters, create: true } ]
  - name: Receipts
    when: { from: { domain: { ends: .shop.example } }, subject: { matches: "Receipt *" } }
    then: [ { move: "Receipts/{{ received.year }}", create: true } ]
  - name: Prizes
    when: { subject: { regex: "(?i)^win [0-9]+ eur" } }
    then: [ junk ]
  - name: Answered
    when: { answered: true }
    then: [ { label: done }, { move: Done, create: true } ]
  - name: Large
    when: { size: { over: 100KB } }
    then: [ { move: Large, create: true } ]
  - name: Old and read
    when: { seen: true, age: { over: 365d } }
    then: [ { move: "Archive/{{ received.year }}", create: true } ]
  - name: Social
    when: { any: [ { from: { name: { starts: social } } }, { subject: Köln } ], none: [ { to: team@corp.example } ] }
    then: [ { move: Social, create: true }, mark_read ]
  - name: The shop alias
    when: { to: { detail: { is: shop } }, not: { seen: true } }
    then: [ { move: Aliases/shop, create: true } ]
`;

/** Where one letter must be in the end, and with which flags. */
export interface Fate {
  readonly mailbox: string;
  readonly flags: readonly string[];
  /** Mailboxes that hold a copy; copies carry the flags that the rules had set. */
  readonly copies: readonly string[];
}

const DAY_MS = 86_400_000;

/** Decides one letter by hand. */
export function fateOf(letter: Letter, nowMs: number): Fate {
  const flags = new Set(letter.flags);
  const copies: string[] = [];
  const had = new Set(letter.flags);
  const ageDays = (nowMs - letter.internalDate.getTime()) / DAY_MS;
  const { from, subject, listId } = letter;
  const end = (mailbox: string): Fate => ({ mailbox, flags: [...flags].sort(), copies });
  const year = letter.internalDate.getUTCFullYear();

  if (from === 'boss@corp.example') flags.add('\\Flagged').add('boss');
  if (subject.startsWith('Invoice')) copies.push('Accounting/Invoices');
  if (letter.cc !== null) flags.add('cc-me');
  if (had.has('todo')) {
    flags.delete('todo');
    copies.push('Todo');
  }
  if (had.has('\\Flagged')) return end('INBOX');
  if (from === 'ci@build.example' && subject.endsWith('failed')) {
    flags.add('\\Flagged');
    return end('CI/Failed');
  }
  if (from === 'ci@build.example') {
    flags.add('\\Seen');
    return end('CI/Passed');
  }
  if (letter.expires && ageDays > 30) return end('Trash');
  if (listId === 'dev.lists.example.org') return end('Lists/Developers');
  if (listId?.endsWith('.lists.example.org') === true) {
    return end(`Lists/${listId.slice(0, -'.lists.example.org'.length)}`);
  }
  if (listId !== null) {
    if (!had.has('\\Seen')) flags.add('unread-list');
    return end('Lists/Other');
  }
  if (from.endsWith('.news.example')) {
    flags.add('newsletter');
    return end('Newsletters');
  }
  if (from.endsWith('.shop.example')) return end(`Receipts/${year}`);
  if (/^WIN \d+ EUR/.test(subject)) return end('Junk');
  if (had.has('\\Answered')) {
    flags.add('done');
    return end('Done');
  }
  if (letter.padBytes >= 120_000) return end('Large');
  if (had.has('\\Seen') && ageDays > 365) return end(`Archive/${year}`);
  const isSocial = letter.fromName.startsWith('Social') || subject.includes('Köln');
  if (isSocial && letter.to !== 'team@corp.example') {
    flags.add('\\Seen');
    return end('Social');
  }
  if (letter.to === 'me+shop@home.example' && !had.has('\\Seen')) return end('Aliases/shop');
  return end('INBOX');
}
