#!/usr/bin/env node
/** The worker that looks at accounts for which a bell rang, and decides: `mailwright worker scan` as a program. */
process.argv.splice(2, 0, 'worker', 'scan');
await import('../src/cli/main.ts');

export {};
