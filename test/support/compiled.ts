/** Source files as JavaScript, for tests that need processes of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from './package-root.ts';

/** Compiles `file` (`src/room/file.ts`) and what it imports; gives the URL to import it from. */
export function compiled(file: string): string {
  const outDir = mkdtempSync(join(tmpdir(), 'mailwright-compiled-'));
  const config = join(outDir, 'tsconfig.json');
  const compilerOptions = {
    outDir,
    rootDir: PACKAGE_ROOT,
    typeRoots: [join(PACKAGE_ROOT, 'node_modules/@types')],
    declaration: false,
    sourceMap: false,
  };
  const files = [join(PACKAGE_ROOT, file)];
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(PACKAGE_ROOT, 'tsconfig.json'),
      compilerOptions,
      files,
      include: [],
    }),
  );
  // What is compiled may import packages.
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(outDir, 'node_modules'), 'junction');
  writeFileSync(join(outDir, 'package.json'), '{"type":"module"}');
  execFileSync(
    process.execPath,
    [join(PACKAGE_ROOT, 'node_modules/typescript/bin/tsc'), '-p', config],
    {
      stdio: 'pipe',
    },
  );
  return pathToFileURL(join(outDir, file.replace(/\.ts$/, '.js'))).href;
}
