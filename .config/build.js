/**
 * The programs as few files instead of eight hundred: most of the start of a short command would be spent on
 * finding and opening them. What has a binary, or is needed by a daemon on Redis alone, stays a package of its own.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/** Imports of imapflow for proxies, a log of its own, and `download()`: src/imap asks for none of them. */
const UNREACHED = new Set([
  'pino',
  'socks',
  '@zone-eu/mailsplit',
  '@zone-eu/mailsplit/lib/flowed-decoder.js',
]);

/** Leaves out what is never reached, a quarter of what a login would load; reaching it would throw. */
const leaveOutUnreached = {
  name: 'leave-out-unreached',
  resolveId: (source, importer) =>
    UNREACHED.has(source) && /[\\/]imapflow[\\/]/.test(importer ?? '')
      ? `\0unreached:${source}`
      : undefined,
  load: (id) =>
    id.startsWith('\0unreached:')
      ? `function unreached() { throw new Error('left out of this build: ${id.slice(1)}'); }
         export { unreached as default, unreached as Headers, unreached as SocksClient };`
      : undefined,
};

/** libmime builds the tables of GBK when it is loaded, for one comparison when it decodes a stream. */
const EAGER = /const DBCS_DECODER = (iconv\.getCodec\('gbk'\)\.decoder);(.*)\bDBCS_DECODER\b/s;

/** Builds them where they are compared: a login does not wait 8 ms for them. */
const buildTablesLater = {
  name: 'build-tables-later',
  transform: {
    filter: { id: /[\\/]libmime[\\/]dist[\\/]esm[\\/]charset\.js$/ },
    handler(code) {
      const later = code.replace(EAGER, '$2$1');
      if (later === code || later.includes('DBCS_DECODER')) {
        this.error('libmime has changed: look whether it still needs this');
      }
      return { code: later, map: null };
    },
  },
};

const packageFile = (name, path) => fileURLToPath(new URL(path, import.meta.resolve(name)));

/** A file with all that a module needs and no group before it has, but for what is imported later. */
const group = (name, module, priority) => ({
  name,
  priority,
  test: new RegExp(`${module.split('/').join('[\\\\/]')}$`),
});

const { output } = await build({
  input: {
    'src/cli/main': 'src/cli/main.ts',
    'src/index': 'src/index.ts',
    'workers/act': 'workers/act.ts',
    'workers/scan': 'workers/scan.ts',
    'workers/trigger': 'workers/trigger.ts',
  },
  platform: 'node',
  external: ['libsql', '@napi-rs/keyring', 'bullmq', 'ioredis'],
  plugins: [leaveOutUnreached, buildTablesLater],
  // The same sources as modules: what is not used stays out, and each name is found without a search.
  resolve: { alias: { yaml: packageFile('yaml', '../browser/dist/index.js') } },
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
    // Each file costs a millisecond: what nearly every command needs is in as few as can be.
    codeSplitting: {
      groups: [
        group('base', 'src/(cli/(run-command|output)|core/version).ts', 3),
        group('rules', 'src/cli/commands/check.ts', 2),
        group('engine', 'src/cli/commands/run.ts', 1),
      ],
    },
  },
});

const chunks = output.filter(({ type }) => type === 'chunk');
const entries = chunks.filter(({ isEntry }) => isEntry);
for (const { fileName, moduleIds } of chunks.filter((chunk) => !entries.includes(chunk))) {
  // It would run wherever one of the others is needed.
  const inside = entries.find(({ facadeModuleId }) => moduleIds.includes(facadeModuleId));
  if (inside !== undefined) throw new Error(`${inside.name} was put into ${fileName}`);
}
for (const file of entries.find(({ name }) => name === 'src/cli/main').imports) {
  if (/rules|engine/.test(file)) throw new Error(`the command line waits for ${file}`);
}
