/** The last line of a test run: what passed and failed, and how much of it met real servers. */
import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts tests by result and project. */
export const closingLine: Reporter = {
  onTestRunEnd(modules) {
    const all = countTests(modules);
    const withServer = countTests(modules.filter(({ project }) => project.name === 'servers'));
    const broken = modules.filter((module) => module.state() === 'failed').length;
    const against = withServer.passed + withServer.failed;
    process.stdout.write(
      `\n${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped, ${broken} files failed; ${against} of these tests ran against real servers\n`,
    );
  },
};

function countTests(modules: readonly TestModule[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state !== 'pending') counts[state] += 1;
    }
  }
  return counts;
}
