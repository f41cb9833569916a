import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { changedSinceContract } from '../contract/changed-since.contract.ts';

changedSinceContract('the sandbox', async () => {
  const started: Sandbox[] = [];
  return {
    access: async () => {
      const login = { user: 'ann', password: 'p' };
      const sandbox = await startSandbox({ ...login, mailboxes: [] });
      started.push(sandbox);
      return { ...login, port: sandbox.port };
    },
    stop: async () => {
      for (const sandbox of started) await sandbox.stop();
    },
  };
});
