/** Everything that is fuzzed. */
import { CLIENT_TARGETS } from './client-targets.ts';
import { MAIL_TARGETS } from './mail-targets.ts';
import { SANDBOX_TARGETS } from './sandbox-targets.ts';
import type { Target } from './target.ts';
import { TEXT_TARGETS } from './text-targets.ts';

export const TARGETS: readonly Target[] = [
  ...SANDBOX_TARGETS,
  ...CLIENT_TARGETS,
  ...MAIL_TARGETS,
  ...TEXT_TARGETS,
];
