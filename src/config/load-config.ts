/** mailwright.yaml and its rule files → a checked configuration, or every defect of all of them. */
import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '../core/app-error.ts';
import { countOf } from '../core/count.ts';
import type { Diagnostic, SourceDocument } from '../core/diagnostic.ts';
import { compileRules, sortDiagnostics } from '../language/compile-rules.ts';
import { asList, PLAINLY } from '../language/operands.ts';
import { diagnoseZod } from '../language/zod-diagnostics.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import { whyInvalidCron } from '../trigger/cron-expression.ts';
import { buildAccounts, buildBackend } from './build-accounts.ts';
import { checkPermissions } from './check-permissions.ts';
import type { Config, RereadConfig, RereadLists, Safety } from './config.ts';
import { type ConfigInput, configSchema } from './config-schema.ts';
import { displayPath, expandGlob, findConfig } from './find-files.ts';
import { withoutSecrets } from './mask-secrets.ts';
import { readYaml } from './read-yaml.ts';
import { warnOfProviders } from './warn-provider.ts';

/** Where to look. */
export interface LoadOptions {
  readonly cwd: string;
  readonly configPath?: string;
}

/** The configuration with its warnings, or what is wrong; `texts` are for code frames. */
export type CheckResult =
  | {
      readonly kind: 'ok';
      readonly config: Config;
      readonly warnings: readonly Diagnostic[];
      readonly texts: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'invalid';
      readonly diagnostics: readonly Diagnostic[];
      readonly texts: ReadonlyMap<string, string>;
    };

/** Loads or throws: CONFIG_MISSING, CONFIG_INVALID, RULES_INVALID with all diagnostics. */
export async function loadConfig(
  options: LoadOptions,
): Promise<Extract<CheckResult, { kind: 'ok' }>> {
  const result = await checkConfig(options);
  if (result.kind === 'ok') return result;
  const { diagnostics } = result;
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  const file = await findConfig(options.cwd, options.configPath);
  const code = diagnostics.some((each) => each.file === file) ? 'CONFIG_INVALID' : 'RULES_INVALID';
  throw new AppError(code, `the configuration has ${countOf(errors, 'error')}`, { diagnostics });
}

/** Reads and checks everything; only a missing configuration is thrown (CONFIG_MISSING). */
export async function checkConfig(options: LoadOptions): Promise<CheckResult> {
  const file = await findConfig(options.cwd, options.configPath);
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const document = await readDocument(options.cwd, file, { texts, diagnostics });
  const input = document === undefined ? undefined : parseConfig(document, diagnostics);
  const directory = dirname(resolve(options.cwd, file));
  const patterns = asList(input?.rules ?? 'rules/*.yaml');
  const rulePaths = await findRuleFiles(directory, patterns, { file, document, diagnostics });
  const documents: SourceDocument[] = [];
  for (const path of rulePaths) {
    const shown = displayPath(options.cwd, path);
    const read = await readDocument(options.cwd, shown, { texts, diagnostics });
    if (read !== undefined) documents.push(read);
  }
  const stamps = new Map<string, string>();
  const listPath = (path: string, from: string): string =>
    resolve(options.cwd, dirname(from), path);
  const compiled = compileRules(documents, {
    accounts: accountNames(document),
    checkCron: whyInvalidCron,
    loadList: (path, from) => loadList(listPath(path, from), stamps),
  });
  if (compiled.kind === 'invalid') diagnostics.push(...compiled.diagnostics);
  const accounts =
    input === undefined || document === undefined
      ? undefined
      : await buildAccounts(input, { directory, document });
  diagnostics.push(...(accounts?.diagnostics ?? []));
  const permissions = input?.safety;
  if (compiled.kind === 'ok' && permissions !== undefined && accounts !== undefined) {
    diagnostics.push(...checkPermissions(compiled.ruleSet, permissions, accounts.accounts));
  }
  if (
    diagnostics.length > 0 ||
    compiled.kind === 'invalid' ||
    accounts === undefined ||
    input === undefined
  ) {
    const told = withoutSecrets(sortDiagnostics(diagnostics), texts);
    return { kind: 'invalid', diagnostics: told, texts };
  }
  const config: Config = {
    file,
    accounts: accounts.accounts,
    ruleSet: compiled.ruleSet,
    stateDirectory: resolve(directory, input.state),
    backend: buildBackend(input, directory),
    keepRunsMs: input.journal.keep,
    safety: safetyFrom(input),
    holding: holdingFrom(input),
    permissions: input.safety,
    directory,
    listPath,
    rereadLists: () => rereadLists(options, stamps),
    sources: sourcesOf(resolve(options.cwd, file), rulePaths, patterns),
    reread: async () => await reread(options, texts),
    monitor: input.monitor === undefined ? null : addressFrom(input.monitor.listen),
    stopGraceMs: input.stop.graceSeconds * 1000,
  };
  const warnings = [...compiled.warnings, ...warnOfProviders(compiled.ruleSet, accounts.accounts)];
  return { kind: 'ok', config, warnings: withoutSecrets(sortDiagnostics(warnings), texts), texts };
}

/** HOST:PORT, as the schema accepted it. */
function addressFrom(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon), port: Number(listen.slice(colon + 1)) };
}

/** Texts of files for code frames; a file that cannot be read any more has none. */
export async function readSources(
  files: Iterable<string>,
  cwd: string,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const file of files) {
    try {
      texts.set(file, await readFile(resolve(cwd, file), 'utf8'));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return texts;
}

interface Findings {
  readonly texts: Map<string, string>;
  readonly diagnostics: Diagnostic[];
}

async function readDocument(
  cwd: string,
  file: string,
  findings: Findings,
): Promise<SourceDocument | undefined> {
  const path = resolve(cwd, file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const why = error instanceof TypeError ? 'it is not UTF-8 text' : reasonOf(error);
    const message = `the file cannot be read: ${why}`;
    findings.diagnostics.push(wholeFile(file, message, 'check its name and its permissions'));
    return undefined;
  }
  findings.texts.set(file, text);
  const result = readYaml(file, text);
  if (result.kind === 'ok') return result.document;
  findings.diagnostics.push(...result.diagnostics);
  return undefined;
}

function parseConfig(document: SourceDocument, into: Diagnostic[]): ConfigInput | undefined {
  const parsed = configSchema.safeParse(document.value, PLAINLY);
  if (parsed.success) return parsed.data;
  into.push(...diagnoseZod(parsed.error.issues, { document, schema: configSchema }));
  return undefined;
}

async function findRuleFiles(
  directory: string,
  patterns: readonly string[],
  from: { file: string; document: SourceDocument | undefined; diagnostics: Diagnostic[] },
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const paths = await expandGlob(directory, pattern);
    for (const path of paths) found.add(path);
    if (paths.length > 0) continue;
    const place = from.document?.locate(['rules']) ?? { at: { line: 1, column: 1 }, length: 1 };
    from.diagnostics.push({
      file: from.file,
      ...place,
      severity: 'error',
      message: `no rule file matches "${pattern}"`,
      hint: `write one, or name your rule files: rules: [PATTERN, …] (relative to ${from.file})`,
    });
  }
  // In file-name order over all patterns: the order in which rules run must not hang on how the
  // configuration names their files.
  return [...found].sort();
}

/** Names are known even where an account has defects, so that rule files are not blamed for those. */
function accountNames(document: SourceDocument | undefined): readonly string[] {
  const { value } = document ?? { value: undefined };
  if (typeof value !== 'object' || value === null || !('accounts' in value)) return [];
  const { accounts } = value;
  return typeof accounts === 'object' && accounts !== null ? Object.keys(accounts) : [];
}

function holdingFrom({ safety }: ConfigInput): Config['holding'] {
  const { holdDeletes, holdMailbox } = safety;
  if (holdDeletes === undefined) return null;
  return { mailbox: parseMailboxName(holdMailbox), forMs: holdDeletes };
}

function safetyFrom(input: ConfigInput): Safety {
  const { maxMessages = 500, maxPercent, maxDeletes = 50, maxCreates = 200 } = input.safety;
  return {
    maxMessages,
    maxPercent: maxPercent ?? 20,
    percentFloor: maxPercent === undefined ? 100 : 0,
    maxDeletes,
    maxCreates,
  };
}

/** What tells one state of a file from another; empty where there is none. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

/** Compiles the rules again when a list file has changed since `stamps` were taken. */
async function rereadLists(
  options: LoadOptions,
  stamps: Map<string, string>,
): Promise<RereadLists> {
  const now = new Map([...stamps.keys()].map((path) => [path, stampOf(path)]));
  if ([...now].every(([path, stamp]) => stamp === stamps.get(path))) return { kind: 'same' };
  // Told once: what is invalid now is looked at again when it changes again.
  for (const [path, stamp] of now) stamps.set(path, stamp);
  const result = await checkConfig(options);
  return result.kind === 'ok'
    ? { kind: 'changed', ruleSet: result.config.ruleSet }
    : { kind: 'invalid', diagnostics: result.diagnostics };
}

/** A configuration whose files say what they said is the same. */
async function reread(
  options: LoadOptions,
  before: ReadonlyMap<string, string>,
): Promise<RereadConfig> {
  const result = await checkConfig(options);
  if (result.kind === 'invalid') return result;
  const { texts } = result;
  const isSame =
    texts.size === before.size && [...texts].every(([file, text]) => before.get(file) === text);
  return isSame ? { kind: 'same' } : { ...result, kind: 'changed' };
}

/** Where a change would show: in the files, or as another name in one of their directories. */
function sourcesOf(
  file: string,
  rulePaths: readonly string[],
  patterns: readonly string[],
): readonly string[] {
  const fixed = patterns.map((pattern) =>
    resolve(dirname(file), dirname(pattern.replace(/[*?].*$/, 'x'))),
  );
  const files = [file, ...rulePaths];
  return [...new Set([...files, ...files.map((path) => dirname(path)), ...fixed])];
}

/** One entry a line; empty lines and what follows `#` at the start of a line do not count. */
function loadList(path: string, stamps: Map<string, string>): readonly string[] | string {
  try {
    stamps.set(path, stampOf(path));
    return readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch (error) {
    return `its file cannot be read: ${reasonOf(error)}`;
  }
}

function wholeFile(file: string, message: string, hint: string): Diagnostic {
  return { file, at: { line: 1, column: 1 }, length: 1, severity: 'error', message, hint };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
