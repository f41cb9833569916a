/** Diagnostics as text: the line, a caret, what is allowed, what to do. */
import { countOf } from '../core/count.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { hideAll } from './mask-secrets.ts';

const CONTEXT_LINES = 2;
const MAX_COLUMNS = 120;
const MAX_ALLOWED = 40;
/** Carets under a secret: more would tell how long it is. */
const MAX_HIDDEN_CARETS = 3;

/**
 * Renders diagnostics with their source lines, which `texts` gives by file name, and ends with a
 * count. Nothing of a file can drive the terminal, and no secret that stands in it is shown.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
): string {
  const hidden = hideAll(diagnostics, texts);
  const blocks = diagnostics.map((each) => {
    const file = hidden.get(each.file);
    return file === undefined ? renderOne(each, undefined) : renderOne(file.scrub(each), file.text);
  });
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return [...blocks, `${countOf(errors, 'error')}, ${countOf(warnings, 'warning')}.`].join('\n');
}

function renderOne(diagnostic: Diagnostic, text: string | undefined): string {
  const { file, at, severity, message, allowed, hint } = diagnostic;
  const lines = [`${plain(file)}:${at.line}:${at.column}  ${severity}  ${plain(message)}`];
  if (text !== undefined) lines.push(...frame(diagnostic, text));
  if (allowed !== undefined && allowed.length > 0) {
    const shown = allowed.slice(0, MAX_ALLOWED).map(plain).join(', ');
    lines.push(`   allowed here: ${shown}${allowed.length > MAX_ALLOWED ? ', …' : ''}`);
  }
  if (hint !== undefined) lines.push(`   hint: ${plain(hint)}`);
  return lines.join('\n');
}

function frame({ at, length }: Diagnostic, text: string): string[] {
  const source = text.split(/\r?\n/);
  const first = Math.max(1, at.line - CONTEXT_LINES);
  const gutter = String(at.line).length;
  const shown = source.slice(first - 1, at.line).map((line, index) => {
    const number = first + index;
    const mark = number === at.line ? '>' : ' ';
    return ` ${mark} ${String(number).padStart(gutter)} | ${clip(line)}`;
  });
  if (source.length < at.line || at.column > MAX_COLUMNS) return shown;
  const hidden = /^•{1,3} */.exec(source[at.line - 1]?.slice(at.column - 1) ?? '');
  const marked = hidden === null ? length : Math.min(length, MAX_HIDDEN_CARETS);
  const room = Math.max(1, Math.min(marked, MAX_COLUMNS - at.column + 1));
  const caret = `   ${' '.repeat(gutter)} | ${' '.repeat(at.column - 1)}${'^'.repeat(room)}`;
  return [...shown, caret];
}

/** One column a character, so that the caret stands under what it marks. */
function clip(line: string): string {
  const clean = line.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ');
  return clean.length > MAX_COLUMNS ? `${clean.slice(0, MAX_COLUMNS - 1)}…` : clean;
}

function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ');
}
