import { mkdtempSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { controlActivities } from '../../../activities/control/index.ts';
import { suggest } from '../../../activities/control/suggest.ts';
import type { LedgerRef, SuggestArgs } from '../../../plan/protocol.ts';
import { trialsOf } from '../../../plan/sweep/trials.ts';
import type { Decision, Space } from '../../../plan/sweep/types.ts';
import { ended, ledger, OPEN, SPEC, suggested, type Told } from '../../plan/sweep/ledgers.ts';

const control = controlActivities({} as Client);
const asActivity = new MockActivityEnvironment();
type Suggestions = Awaited<ReturnType<typeof control.suggestPoints>>;

async function recorded(decisions: Decision[]): Promise<LedgerRef> {
  const path = join(mkdtempSync(join(tmpdir(), 'ledger-')), 'decisions.jsonl');
  const args = { ledger: { path, bytes: 0, lines: 0, sha256: '' }, decisions };
  return (await asActivity.run(control.recordDecisions, args)) as LedgerRef;
}

const points = async (args: SuggestArgs) => (await asActivity.run(control.suggestPoints, args)) as Suggestions;

/** Twelve finished trials, and one that runs. */
const TOLD: Told[] = [
  OPEN,
  ...Array.from({ length: 12 }, (_, i) => [suggested(i + 1, (i + 1) / 13), ended(i + 1, (i - 4) ** 2)]).flat(),
  suggested(13, 0.9),
];

describe('points that a sweep asks for', () => {
  it('are of the sampler, space and seed that the ledger opens with, from its trials', async () => {
    const decisions = ledger(TOLD);
    const args = { settled: await recorded(decisions), tail: [], next: 14, count: 2 };
    const { sampler, space, metrics, seed } = SPEC;
    const request = { sampler, space, metrics, seed, trials: trialsOf(decisions), next: 14, count: 2 };
    const answers = await points(args);
    expect(answers).toEqual(await suggest(request));
    expect(answers[0]!.reason).toBe('tpe from 12 finished and 1 running trials, seed 0');
  });

  it('are the same wherever the ledger is parted into what is on disk and what is not', async () => {
    const decisions = ledger(TOLD);
    const all = await points({ settled: await recorded(decisions), tail: [], next: 14, count: 1 });
    for (const at of [1, 8, 20]) {
      const settled = await recorded(decisions.slice(0, at));
      await appendFile(settled.path, '{"seq": torn');
      expect(await points({ settled, tail: decisions.slice(at), next: 14, count: 1 })).toEqual(all);
    }
  });

  it('are of the space as it was steered to', async () => {
    const space: Space = [{ name: 'op.z', distribution: { kind: 'uniform', min: 5, max: 6 } }];
    const decisions = ledger([...TOLD, { kind: 'steer', steer: { kind: 'setSpace', space } }]);
    const [answer] = await points({ settled: await recorded(decisions), tail: [], next: 14, count: 1 });
    expect(answer!.point['op.z']).toBeGreaterThanOrEqual(5);
    expect(answer!.reason).toMatch(/^random: tpe learns from 10 trials/);
  });

  it('are refused for good with a ledger that was changed, or does not open a sweep', async () => {
    const settled = await recorded(ledger(TOLD));
    const damaged = { ...settled, sha256: 'other' };
    await expect(points({ settled: damaged, tail: [], next: 14, count: 1 })).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('does not begin with the 26 lines'),
    });
    const headless = await recorded(ledger(TOLD.slice(1)));
    await expect(points({ settled: headless, tail: [], next: 14, count: 1 })).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('does not begin with the decision that opens a sweep'),
    });
  });
});
