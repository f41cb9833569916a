/** Configurations in a folder of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { renderDiagnostics } from '../../src/config/code-frame.ts';
import { checkConfig } from '../../src/config/load-config.ts';
import { oneRule } from '../language/support.ts';

/** An account entry that is correct. */
export const ACCOUNT = '{ host: imap.example.org, user: me, auth: { password: { env: PW } } }';
/** A configuration that is correct. */
export const CONFIG = `accounts:\n  home: ${ACCOUNT}\n`;
/** A rule file that is correct. */
export const RULES = oneRule('{ seen: true }', '[archive]');

/** Writes files (text, or octets) into a new folder that goes with the test. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailwright-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A configuration with one good rule file, some files changed. */
export function withFiles(files: Readonly<Record<string, string | Uint8Array>>): string {
  return folderOf({ 'mailwright.yaml': CONFIG, 'rules/a.yaml': RULES, ...files });
}

/** `file:line:column message` of everything that is wrong. */
export async function defectsOf(cwd: string): Promise<readonly string[]> {
  const result = await checkConfig({ cwd });
  const diagnostics = result.kind === 'ok' ? result.warnings : result.diagnostics;
  return diagnostics.map(
    ({ file, at, message }) => `${file}:${at.line}:${at.column} ${message.replaceAll(cwd, '')}`,
  );
}

/** What `check` prints about a folder. */
export async function printed(cwd: string): Promise<string> {
  const result = await checkConfig({ cwd });
  const diagnostics = result.kind === 'ok' ? result.warnings : result.diagnostics;
  return renderDiagnostics(diagnostics, result.texts).replaceAll(cwd, '');
}
