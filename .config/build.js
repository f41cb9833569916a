/**
 * The programs as few files instead of eight hundred: most of the start of a short command would be spent on
 * finding and opening them. What has a binary, or is needed by a daemon on Redis alone, stays a package of its own.
 */
import { build } from 'rolldown';

await build({
  input: {
    'src/cli/main': 'src/cli/main.ts',
    'src/index': 'src/index.ts',
    'workers/act': 'workers/act.ts',
    'workers/scan': 'workers/scan.ts',
    'workers/trigger': 'workers/trigger.ts',
  },
  platform: 'node',
  external: ['libsql', 'bullmq', 'ioredis'],
  logLevel: 'warn',
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    // Comments and white space are a third of what is to be read at each start; names stay.
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    cleanDir: true,
  },
});
