/** Source files as JavaScript, for tests that need processes of their own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

/** The nearest folder above that has a package.json: this file may itself have been compiled elsewhere. */
function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** Compiles `file` (`src/room/file.ts`) and what it imports; gives the URL to import it from. */
export function compiled(file: string): string {
  const outDir = mkdtempSync(join(tmpdir(), 'mailwright-compiled-'));
  const config = join(outDir, 'tsconfig.json');
  const compilerOptions = {
    outDir,
    rootDir: ROOT,
    typeRoots: [join(ROOT, 'node_modules/@types')],
    declaration: false,
    sourceMap: false,
  };
  const files = [join(ROOT, file)];
  writeFileSync(
    config,
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, files, include: [] }),
  );
  // What is compiled may import packages.
  symlinkSync(join(ROOT, 'node_modules'), join(outDir, 'node_modules'), 'junction');
  writeFileSync(join(outDir, 'package.json'), '{"type":"module"}');
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config], {
    stdio: 'pipe',
  });
  return pathToFileURL(join(outDir, file.replace(/\.ts$/, '.js'))).href;
}
