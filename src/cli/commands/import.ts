/** `mailwright import FORMAT FILE`: rules of another program as a rule file. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { readYaml } from '../../config/read-yaml.ts';
import { AppError } from '../../core/app-error.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { describeImportLoss, type ImportLoss } from '../../core/import-loss.ts';
import { LIMITS } from '../../core/limits.ts';
import { suggest } from '../../core/suggest.ts';
import { importGmail } from '../../foreign/import-gmail.ts';
import { importImapautofiler } from '../../foreign/import-imapautofiler.ts';
import { importThunderbird } from '../../foreign/import-thunderbird.ts';
import { importSieve } from '../../sieve/import-sieve.ts';
import type { Command } from '../run-command.ts';

type Imported =
  | { readonly kind: 'ok'; readonly yaml: string | null; readonly losses: readonly ImportLoss[] }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'error'; readonly line: number; readonly message: string };

/** How each format is read, from the name of the file and its text. */
const FORMATS: ReadonlyMap<string, (file: string, text: string) => Imported> = new Map([
  ['sieve', (_: string, text: string): Imported => importSieve(text)],
  ['gmail', importGmail],
  ['thunderbird', importThunderbird],
  ['imapautofiler', importConfiguration],
]);

/** Prints the rule file; what it leaves out goes to standard error, with exit 3. */
export const importRules: Command = async ({ output, cwd, arguments: given }) => {
  const [format = '', file = ''] = given;
  const read = FORMATS.get(format);
  if (read === undefined) {
    const near = suggest(format, [...FORMATS.keys()]);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    const known = [...FORMATS.keys()].join(', ');
    throw new AppError('USAGE', `there is no format "${format}"; there are: ${known}${hint}`, {
      what: format,
    });
  }
  const result = read(file, await readBounded(resolve(cwd, file), file));
  if (result.kind !== 'ok') {
    throw new AppError('USAGE', describeProblems(file, result), { what: file });
  }
  const { yaml, losses } = result;
  if (yaml !== null) output.print(yaml.trimEnd());
  output.printJson({ yaml, losses });
  for (const loss of losses) output.note(describeImportLoss(file, loss));
  if (yaml === null) output.note(`${file}: no rule is left to import`);
  const isWhole = yaml !== null && !losses.some(({ severity }) => severity === 'lost');
  return isWhole ? EXIT.done : EXIT.partlyDone;
};

function importConfiguration(file: string, text: string): Imported {
  const read = readYaml(file, text);
  return read.kind === 'ok' ? importImapautofiler(read.document) : read;
}

function describeProblems(file: string, problem: Exclude<Imported, { kind: 'ok' }>): string {
  if (problem.kind === 'error') return `${file}:${problem.line}: ${problem.message}`;
  return problem.diagnostics
    .map(({ at, message, hint }) => {
      const place = `${file}:${at.line}:${at.column}: ${message}`;
      return hint === undefined ? place : `${place}; ${hint}`;
    })
    .join('\n');
}

/** Reads a file that may be of any size, or a device without an end. */
async function readBounded(path: string, shown: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of createReadStream(path, { end: LIMITS.importFileBytes })) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      length += chunk.length;
    }
  } catch (error) {
    throw new AppError('USAGE', `${shown} cannot be read`, { what: shown }, { cause: error });
  }
  if (length > LIMITS.importFileBytes) {
    const message = `${shown} is larger than ${LIMITS.importFileBytes} bytes; import it in parts`;
    throw new AppError('USAGE', message, { what: shown });
  }
  return Buffer.concat(chunks).toString('utf8');
}
