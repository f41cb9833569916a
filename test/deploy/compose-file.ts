/** docker-compose.yml as a value, checked against the part of the Compose Specification that it uses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../support/package-root.ts';

const command = z.array(z.string()).min(1);

const service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  user: z.string().regex(/^\d+:\d+$/),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  stop_grace_period: z.string().regex(/^\d+s$/),
  read_only: z.boolean(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.literal('service_healthy') }))
    .optional(),
  secrets: z.array(z.string()),
  volumes: z.array(z.string()),
  command,
  healthcheck: z
    .strictObject({
      test: command,
      interval: z.string(),
      timeout: z.string(),
      retries: z.int(),
    })
    .optional(),
});

const composeFile = z.strictObject({
  name: z.string(),
  'x-worker': z.unknown(),
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  volumes: z.record(
    z.string(),
    z.strictObject({ driver_opts: z.record(z.string(), z.string()) }).nullable(),
  ),
});

/** What the file says. */
export type ComposeFile = z.output<typeof composeFile>;

/** Reads the file; throws where it is not as the specification wants it. */
export function readComposeFile(): ComposeFile {
  const text = readFileSync(join(PACKAGE_ROOT, 'docker-compose.yml'), 'utf8');
  const value: unknown = parse(text, { merge: true });
  return composeFile.parse(value);
}
