/** The readers of what people and programs write: rules, configuration, other programs' rules, stored data. */
import { parsePin } from '../../src/accounts/pin.ts';
import { configSchema } from '../../src/config/config-schema.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import { accountId } from '../../src/core/brand.ts';
import { parseBytes } from '../../src/core/bytes.ts';
import { parseDuration } from '../../src/core/duration.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { viewOfFile } from '../../src/engine/file-view.ts';
import type { ForeignImport } from '../../src/foreign/draft.ts';
import { importGmail } from '../../src/foreign/import-gmail.ts';
import { importImapautofiler } from '../../src/foreign/import-imapautofiler.ts';
import { importThunderbird } from '../../src/foreign/import-thunderbird.ts';
import { readEntry } from '../../src/journal/log-entry.ts';
import { compileRules } from '../../src/language/compile-rules.ts';
import { compileGlob, compileRegex, whyInvalidRegex } from '../../src/language/pattern.ts';
import { parseTemplate } from '../../src/language/template.ts';
import { diagnoseZod } from '../../src/language/zod-diagnostics.ts';
import { fromServerName, parseMailboxName, whyInvalid } from '../../src/mail/mailbox-name.ts';
import { decodeMailboxName, encodeMailboxName } from '../../src/mail/modified-utf7.ts';
import { readThrottle } from '../../src/mail/throttle.ts';
import { decide } from '../../src/plan/decide.ts';
import { parsePlanFile } from '../../src/plan/plan-file.ts';
import { creatingAll, serverlessContext } from '../../src/plan/serverless.ts';
import { parseJobPayload } from '../../src/queue/bullmq/job-payload.ts';
import { importSieve } from '../../src/sieve/import-sieve.ts';
import { whyInvalidCron } from '../../src/trigger/cron-expression.ts';
import { recipe, type Target } from './target.ts';
import {
  FOREIGN_SAMPLES,
  JSON_GRAMMAR,
  RULE_GRAMMAR,
  RULES,
  SIEVE_GRAMMAR,
  SIEVES,
} from './text-samples.ts';

const MAIL = Buffer.from(
  'From: Ann <ann@x.example>\r\nSubject: hello {{ x }}\r\nList-Id: <l.x>\r\n\r\nbody\r\n',
);
const OPTIONS = {
  accounts: ['work', 'home'],
  checkCron: whyInvalidCron,
  loadList: () => 'no file',
};

const rules: Target = {
  name: 'rules',
  recipe: recipe(RULES, RULE_GRAMMAR),
  run: (input) => {
    const read = readYaml('rules/a.yaml', input.toString('utf8'));
    if (read.kind !== 'ok') return;
    const compiled = compileRules([read.document], OPTIONS);
    if (compiled.kind !== 'ok') return;
    const ref = {
      account: accountId('work'),
      mailbox: parseMailboxName('INBOX'),
      uidValidity: 1,
      uid: 1,
    };
    const file = { name: 'x', raw: MAIL, flags: [], arrivedMs: 0, fileMs: 0 };
    const view = viewOfFile(file, { ref, queries: [] });
    const all = compiled.ruleSet.files.flatMap((each) => each.rules).map(creatingAll);
    if (view !== null) decide(view, all, serverlessContext({ nowMs: 0 }));
  },
};

const config: Target = {
  name: 'config',
  recipe: recipe(
    [
      'accounts:\n  a: { host: h, user: u, auth: { password: { env: PW } }, pin: sha256/x, smtp: { host: h, from: a@x } }\nsafety: { maxMessages: 5 }\nbackend: { redis: "redis://h/0" }\n',
    ],
    RULE_GRAMMAR,
  ),
  run: (input) => {
    const read = readYaml('mailwright.yaml', input.toString('utf8'));
    if (read.kind !== 'ok') return;
    const { document } = read;
    const parsed = configSchema.safeParse(document.value);
    if (!parsed.success) diagnoseZod(parsed.error.issues, { document, schema: configSchema });
  },
};

const sieve: Target = {
  name: 'sieve',
  recipe: recipe(SIEVES, SIEVE_GRAMMAR),
  run: (input) => {
    const imported = importSieve(input.toString('utf8'));
    if (imported.kind === 'ok' && imported.yaml !== null) assertCompiles(imported.yaml);
  },
};

function foreign(
  name: string,
  sample: string,
  read: (file: string, text: string) => ForeignImport,
): Target {
  return {
    name,
    recipe: recipe([sample], {
      start: [''],
      word: ['OR', '-', '(', ')', '{', '}', 'from:', 'has:attachment', '"', ' AND '],
    }),
    run: (input) => {
      const imported = read('file', input.toString('utf8'));
      if (imported.kind === 'ok' && imported.yaml !== null) assertCompiles(imported.yaml);
    },
  };
}

/** What an import writes must be a correct rule file. */
function assertCompiles(yaml: string): void {
  const read = readYaml('rules/imported.yaml', yaml);
  const result = read.kind === 'ok' ? compileRules([read.document], OPTIONS) : read;
  if (result.kind === 'ok') return;
  throw new Error(`an import does not compile: ${result.diagnostics[0]?.message}\n${yaml}`);
}

const stored: Target = {
  name: 'stored-json',
  recipe: recipe(
    [
      '{"v":1,"method":"prune","args":[1,2]}',
      '{"job":{"kind":"sweep","account":"a","source":"arrival","ruleFile":null,"dueMs":null},"attempts":0}',
      '{"format":"mailwright-plan-2","digest":"x","plans":[{"account":"a"}]}',
    ],
    JSON_GRAMMAR,
  ),
  run: (input) => {
    const text = input.toString('utf8');
    parsePlanFile(text);
    parseJobPayload(parsed(text));
    readEntry(text, 1);
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // BullMQ drops what is no JSON.
    return undefined;
  }
}

const small: Target = {
  name: 'small-texts',
  recipe: recipe(
    [
      '30d',
      '5MB',
      '*/5 * * * *',
      '{{ subject | lower }}/x',
      '(a|b)+c',
      '*@x.example',
      '&AGE-&-',
      'sha256/AAAA',
      'try again in 5 minutes',
    ],
    { ...RULE_GRAMMAR, start: ['<scalar>', '<scalar><start>'] },
  ),
  run: (input) => {
    const text = input.toString('utf8');
    [
      parseDuration(text),
      parseBytes(text),
      whyInvalidCron(text, 'UTC'),
      parsePin(text),
      whyInvalid(text),
    ];
    parseTemplate(text);
    readThrottle({ code: null, text });
    decodeMailboxName(input.toString('latin1'));
    fromServerName(text, { prefix: 'INBOX.', separator: '.' });
    // Octets that are no UTF-8 became U+FFFD, so this is a text that has a name.
    if (decodeMailboxName(encodeMailboxName(text)) !== text) {
      throw new Error('a mailbox name does not read as it was written');
    }
    const options = { caseSensitive: false };
    if (whyInvalidRegex(text) === undefined)
      compileRegex(text, options).match('aaaaaaaaaaaaaaaaaaaaaaaa!');
    if (text.length <= LIMITS.patternChars) compileGlob(text, options).match('somebody@x.example');
  },
};

/** All of them. */
export const TEXT_TARGETS: readonly Target[] = [
  ...[rules, config, sieve, stored, small],
  foreign('gmail', FOREIGN_SAMPLES.gmail, importGmail),
  foreign('thunderbird', FOREIGN_SAMPLES.thunderbird, importThunderbird),
  foreign('imapautofiler', FOREIGN_SAMPLES.imapautofiler, (file, text) => {
    const read = readYaml(file, text);
    return read.kind === 'ok' ? importImapautofiler(read.document) : read;
  }),
];
