/** docker-compose.yml and the Dockerfile, as far as they can be judged without a container engine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { readComposeFile } from './compose-file.ts';

const compose = readComposeFile();
const WORKERS = ['trigger', 'scan', 'act'] as const;

test('there is Redis, and one worker of each kind', () => {
  expect(Object.keys(compose.services).sort()).toEqual(['act', 'redis', 'scan', 'trigger']);
  for (const role of WORKERS) {
    expect(compose.services[role]?.command).toEqual(['worker', role]);
    expect(compose.services[role]?.depends_on).toEqual({
      redis: { condition: 'service_healthy' },
    });
  }
});

describe.each(Object.entries(compose.services))('the service %s', (_, service) => {
  test('is nobody in particular, and can write only where it must', () => {
    expect(service.user).not.toMatch(/^0:/);
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
  });

  test('names only secrets and volumes that there are, and pins its image', () => {
    for (const name of service.secrets) expect(compose.secrets).toHaveProperty([name]);
    const named = service.volumes.map((volume) => volume.split(':')[0] ?? '');
    for (const name of named.filter((each) => /^[a-z]/.test(each))) {
      expect(compose.volumes).toHaveProperty([name]);
    }
    if (service.build === undefined) expect(service.image).toMatch(/:\d+\.\d+\.\d+-/);
  });
});

test('Redis keeps what it is told, evicts nothing, wants a password and has no port', () => {
  const { command = [], healthcheck } = compose.services['redis'] ?? {};
  const line = command.join(' ');
  expect(line).toContain('--appendonly yes');
  expect(line).toContain('--maxmemory-policy noeviction');
  expect(line).toContain('--port 0');
  expect(line).toContain('requirepass');
  expect(line).not.toContain('--requirepass');
  expect(healthcheck?.test[0]).toBe('CMD-SHELL');
});

test('the configuration beside it is a good one', async () => {
  const { config } = await loadConfig({ cwd: join(PACKAGE_ROOT, 'docs/compose') });
  expect(config.backend).toMatchObject({ kind: 'redis', url: 'unix:///run/redis/redis.sock' });
  expect(config.ruleSet.files).toHaveLength(1);
});

describe('the Dockerfile', () => {
  const lines = readFileSync(join(PACKAGE_ROOT, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const of = (word: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));

  test('has known instructions only, two stages of one pinned image, and ends as a plain user', () => {
    const words = new Set(lines.map((line) => line.split(' ')[0]));
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'ENTRYPOINT', 'CMD'];
    expect([...words].filter((word) => !known.includes(word ?? ''))).toEqual([]);
    const images = of('FROM').map((line) => line.split(' ')[0]);
    expect(images).toHaveLength(2);
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim$/);
    expect(of('USER')).toEqual(['node']);
  });

  test('runs no script of a dependency', () => {
    const npm = of('RUN').flatMap((line) => line.match(/npm (?:ci|prune)[^&]*/g) ?? []);
    expect(npm).toHaveLength(2);
    for (const line of npm) expect(line).toContain('--ignore-scripts');
  });

  test('copies what is there and what .dockerignore lets through', () => {
    const passed = readFileSync(join(PACKAGE_ROOT, '.dockerignore'), 'utf8').split('\n');
    for (const line of of('COPY').filter((each) => !each.startsWith('--from'))) {
      for (const source of line.split(' ').slice(0, -1)) {
        expect(passed).toContain(`!${source}`);
        expect(existsSync(join(PACKAGE_ROOT, source))).toBe(true);
      }
    }
  });
});
