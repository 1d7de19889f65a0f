// The conformance suite over the components whose programs run, or are played: each runs about ten times.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { conformance } from '../../activities/own/conformance/index.ts';
import { stopDataJuicer } from '../../activities/runtime/data-juicer-host.ts';
import { PLAYED, WITH_PROGRAMS } from '../support/component-jobs/index.ts';

beforeAll(() => {
  process.env.DJ_SANDBOX_STATE = mkdtempSync(join(tmpdir(), 'state-'));
  // Spark starts sooner with it.
  process.env.JDK_JAVA_OPTIONS = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
});
afterAll(stopDataJuicer);

describe.each([...WITH_PROGRAMS, ...PLAYED].map(one => [one.component.name, one] as const))('%s', (_, one) => {
  for (const { title, run } of conformance(one)) it(title, run);
});
