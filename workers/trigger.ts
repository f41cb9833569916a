#!/usr/bin/env node
/** The worker that hears of arrivals and of the time, and rings: `mailwright worker trigger` as a program. */
process.argv.splice(2, 0, 'worker', 'trigger');
await import('../src/cli/main.ts');

export {};
