import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Tells at the end which tests passed or failed only after another try, so that what depends on timing is seen and mended. */
export class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tried = modules.flatMap(module => [...module.children.allTests()].filter(wasTriedAgain));
    if (tried.length === 0) return;
    console.log(`\nTried again, mend what they leave to chance (${tried.length}):`);
    for (const test of tried)
      console.log(`  ${test.result().state} ${test.module.relativeModuleId} > ${test.fullName}`);
  }
}

function wasTriedAgain(test: TestCase): boolean {
  return (test.diagnostic()?.retryCount ?? 0) > 0;
}
