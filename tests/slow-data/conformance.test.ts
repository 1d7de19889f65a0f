// The conformance suite over the components whose programs start Python, and those whose programs are played: each runs about ten times.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { conformance } from '../../activities/own/conformance/index.ts';
import { PLAYED, WITH_PYTHON } from '../support/component-jobs.ts';

beforeAll(() => {
  process.env.DJ_SANDBOX_STATE = mkdtempSync(join(tmpdir(), 'state-'));
});

describe.each([...WITH_PYTHON, ...PLAYED].map(one => [one.component.name, one] as const))('%s', (_, one) => {
  for (const { title, run } of conformance(one)) it(title, run);
});
