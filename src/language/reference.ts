/**
 * The reference of the rule language, made from the conditions and actions themselves, so that it
 * cannot tell of one that does not exist. It writes nothing: a test compares rules/README.md with it.
 */
import { ROLES } from '../mail/mailbox-name.ts';
import type { ARGUMENT_ACTIONS, WORD_ACTIONS } from './action-schema.ts';
import { CONDITIONS } from './conditions/registry.ts';
import { EXPECT_SHAPE, MESSAGE_SHAPE } from './rule-test.ts';
import { FIELD_NAMES } from './template-fields.ts';
import type { FILTER_NAMES } from './template-filters.ts';

/** An action in words, with an entry of `then` that uses it. */
export interface ActionPage {
  readonly summary: string;
  readonly example: string;
}

type ActionName = (typeof WORD_ACTIONS)[number] | (typeof ARGUMENT_ACTIONS)[number] | 'create';

/** Every action of this version; one without a page does not compile. */
export const ACTION_PAGES: Readonly<Record<ActionName, ActionPage>> = {
  move: {
    summary:
      'Moves to this mailbox. `create: true` beside it makes a missing mailbox; `else:` names where to when a template has no value. `move: { account: work, mailbox: Archive }` sends it to another account of mailwright.yaml: appended there, compared octet by octet, and only then removed here.',
    example: '{ move: "Lists/{{ list.id }}", create: true, else: Lists/Other }',
  },
  copy: {
    summary: 'Copies to this mailbox; `create:`, `else:` and `{ account, mailbox }` as for move.',
    example: '{ copy: Accounting }',
  },
  snooze: {
    summary:
      'Moves the message out of the way, to `mailbox` (`Snoozed` when absent, made where it is missing), and back to where it was, as unread, at the next such time after it arrived: `weekday 08:00` (Monday to Friday), `weekend`, `tomorrow` or a day with a time, a time alone, or a duration such as `2d`. After that time the action does nothing. What somebody took out of the mailbox meanwhile stays where it was put.',
    example: '{ snooze: { until: "weekday 08:00", timezone: Europe/Berlin } }',
  },
  archive: { summary: 'Moves to the mailbox with the role \\Archive.', example: 'archive' },
  junk: { summary: 'Moves to the mailbox with the role \\Junk.', example: 'junk' },
  trash: { summary: 'Moves to the mailbox with the role \\Trash.', example: 'trash' },
  flag: {
    summary: 'Sets a system flag, or several: seen, flagged, answered, draft, deleted.',
    example: '{ flag: [seen, flagged] }',
  },
  unflag: { summary: 'Takes a system flag off, or several.', example: '{ unflag: flagged }' },
  mark_read: { summary: 'Short for `flag: seen`.', example: 'mark_read' },
  mark_unread: { summary: 'Short for `unflag: seen`.', example: 'mark_unread' },
  star: { summary: 'Short for `flag: flagged`.', example: 'star' },
  unstar: { summary: 'Short for `unflag: flagged`.', example: 'unstar' },
  label: {
    summary: 'Sets a keyword: one word of printable ASCII.',
    example: '{ label: "Year-{{ received.year }}" }',
  },
  unlabel: { summary: 'Takes a keyword off.', example: '{ unlabel: Waiting }' },
  expunge: {
    summary:
      'Deletes the message for good. Needs `safety.allowExpunge: true` and a server with UIDPLUS; a copy is kept under the state directory unless `backup: false` stands beside it. It cannot be undone.',
    example: '{ expunge: permanent }',
  },
  save: {
    summary:
      'Writes the message into this directory (relative to mailwright.yaml) as `HASH-subject.eml`; the same message twice is one file.',
    example: '{ save: archive/invoices }',
  },
  webhook: {
    summary:
      'Calls a URL by POST with JSON about the message, after the mail is settled; signed where `secret` names a key.',
    example: '{ webhook: { url: "https://hooks.example/mail", secret: { env: HOOK_KEY } } }',
  },
  forward: {
    summary:
      "Sends the message on by the account's `smtp`; only to addresses of `safety.allowForward`, and never what a loop could bring back.",
    example: '{ forward: ann@example.org }',
  },
  exec: {
    summary:
      'Runs a program of `safety.allowExec` with the message on its standard input; no shell is between.',
    example: '{ exec: [/usr/local/bin/note, --mail] }',
  },
  add_to: {
    summary:
      'Adds the author to a list file of `lists:`; with `{ list:, value: }` whatever the template gives. Rules see it from the next look on.',
    example: '{ add_to: { list: muted, value: "{{ header.message-id }}" } }',
  },
  remove_from: {
    summary: 'Takes the author out of a list file; `{ list:, value: }` as for add_to.',
    example: '{ remove_from: screened }',
  },
  create: {
    summary: 'Makes this mailbox where it is missing.',
    example: '{ create: Projects/2026 }',
  },
  keep: {
    summary: 'Says "stay here" in so many words and ends the evaluation of the message.',
    example: 'keep',
  },
  stop: { summary: 'Ends the evaluation of the message.', example: 'stop' },
};

const FILTERS: Readonly<Record<(typeof FILTER_NAMES)[number], string>> = {
  lower: 'small letters',
  upper: 'capital letters',
  slug: 'letters and digits, everything else one hyphen',
  truncate: 'the first N characters: `{{ subject | truncate: 20 }}`',
};

/** Gives rules/README.md as Markdown. */
export function renderRulesReference(): string {
  return `${[HEAD, conditions(), OPERANDS, actions(), templates(), LISTS, tests()].join('\n\n')}\n`;
}

const HEAD = `# The rule language

<!-- Generated from src/language by test/language/reference.test.ts (UPDATE_GOLDEN=1). Do not edit. -->

A rule file looks at mailboxes, and each rule says which messages it means (\`when\`) and what becomes
of them (\`then\`). The shortest one:

\`\`\`yaml
rules:
  - name: Build failures
    when: { from: ci@example.org, subject: build failed }
    then: [star, { move: CI/Failed }]
\`\`\`

The same with every default written out, but for \`accounts\`, which is every account when absent:

\`\`\`yaml
# yaml-language-server: $schema=schema.json
mailbox: INBOX
on: [arrival]
lists: {}
conditions: {}
rules:
  - name: Build failures
    enabled: true
    mode: act
    when: { from: ci@example.org, subject: build failed }
    then: [star, { move: CI/Failed, create: false }]
    continue: false
\`\`\`

Files run in the order of their names, rules in the order of their file. The first rule that moves a
message, or says \`keep\` or \`stop\`, ends the message's evaluation. \`continue: true\` lets later rules
still add flags, labels and copies. \`wait: 7d\` decides a rule so long after the message arrived,
on the message as it then is; the other rules go on at once. \`mode: observe\` notes what a rule would do and does nothing.
\`mailbox\` is a name with \`/\` between levels, a role (${ROLES.map((role) => `\`"\\${role}"\``).join(', ')}),
or a list of them. \`on\` is \`arrival\`, \`{ schedule: "0 3 * * *", timezone: Europe/Berlin }\`, or a list.
\`catch_up: true\` beside a schedule makes up, once, at the next start for what was missed while nothing ran.`;

const COMBINERS = `Several keys in one mapping must all hold; a list as a value means any entry.

- \`all\`: every condition of the list holds
- \`any\`: at least one condition of the list holds
- \`none\`: no condition of the list holds
- \`not\`: the condition does not hold
- \`use\`: the condition of that name under \`conditions:\` holds`;

function conditions(): string {
  const pages = Object.values(CONDITIONS).map(page);
  return ['## Conditions', COMBINERS, ...pages].join('\n\n');
}

function actions(): string {
  const pages = Object.entries(ACTION_PAGES).map(([key, { summary, example }]) =>
    page({ key, summary, example: `then: [${example}]` }),
  );
  const intro = `For each message flags and labels come first, then copies, then what is done outside, then the one move;
webhooks are called last.`;
  return ['## Actions', intro, ...pages].join('\n\n');
}

function page(entry: { key: string; summary: string; example: string }): string {
  return `### ${entry.key}\n\n${entry.summary}\n\n\`\`\`yaml\n${entry.example}\n\`\`\``;
}

const OPERANDS = `## Operands

**Text test**: a text, which means \`contains\`; or a mapping of \`is\`, \`contains\`, \`starts\`, \`ends\`,
\`matches\`, \`regex\`, \`in\`, each with one value or a list (any of them). Text is compared decoded and
unfolded, without letter case; \`case: true\` compares it too. A header that occurs several times matches
with any occurrence, and under \`not\` with none.

**Patterns**: \`matches\` is a glob over the whole value: \`*\` any run, \`?\` one character, \`\\\` quotes.
\`regex\` is RE2 syntax, unanchored. Wildcards and groups capture for \`{{ match.1 }}\`.

**Address test**: \`me@example.org\` that address, \`"@example.org"\` that domain, \`"@*.example.org"\` its
sub-domains, a text without \`@\` anywhere in name or address; or a mapping of \`address\`, \`name\`,
\`localpart\`, \`domain\`, \`detail\` (each a text test) and \`in\`.

**Number test**: a number, or a mapping of \`over\`, \`under\`, \`is\`, \`between: [a, b]\` (ends included).
Sizes: \`B KB MB GB\` (1000), \`KiB MiB GiB\` (1024). Durations: \`s m h d w\`, \`mo\` (30 d), \`y\` (365 d),
always in a mapping.

A value that cannot be read makes a condition indeterminate: the message stays where it is, is reported,
and no later rule acts on it.`;

function templates(): string {
  const filters = Object.entries(FILTERS).map(([name, does]) => `- \`${name}\`: ${does}`);
  return `## Templates

Mailbox names and labels may hold \`{{ field }}\` or \`{{ field | filter }}\`. Every value from a message
becomes one harmless piece of a name: separators and \`% * " \\\` turn into \`-\`, invisible characters are
dropped, at most 60 characters stay. Dates are in UTC.

Fields: ${FIELD_NAMES.map((name) => `\`${name}\``).join(', ')}.

Filters:

${filters.join('\n')}`;
}

const LISTS = `## Lists

\`lists:\` names lists for \`in:\`: entries, or the path of a file (relative to the rule file) with one
entry a line; a line that begins with \`#\` is a comment. What \`in:\` names and no list is called is an
entry itself. Files are read again when they change.

\`\`\`yaml
lists: { vip: vip.txt, own: ["@corp.example"] }
rules:
  - { name: Important, when: { from: { in: [vip, own] } }, then: [star] }
\`\`\``;

function tests(): string {
  const fields = (shape: Readonly<Record<string, unknown>>): string =>
    Object.keys(shape)
      .map((name) => `\`${name}\``)
      .join(', ');
  return `## Tests

\`tests:\` shows what should become of a message; \`mailwright test\` runs them without a server, and so does
\`check\`. Only what \`expect\` names is compared. A message may say ${fields(MESSAGE_SHAPE)};
\`expect\` may say ${fields(EXPECT_SHAPE)}.

\`\`\`yaml
tests:
  - message: { from: ci@example.org, subject: "build failed: main" }
    expect: { rules: [Build failures], move: CI/Failed, flags: [flagged] }
  - message: { from: ann@example.org, body: "hello", attachments: [{ name: a.pdf }] }
    expect: { rules: [], keep: true }
\`\`\``;
}
