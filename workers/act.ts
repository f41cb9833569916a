#!/usr/bin/env node
/** The worker that carries out what was decided: `mailwright worker act` as a program. */
process.argv.splice(2, 0, 'worker', 'act');
await import('../src/cli/main.ts');

export {};
