import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobReport } from '../../plan/protocol.ts';
import { stretches } from '../../plan/sparkline.ts';
import { detailsOf } from '../../workflows/details.ts';
import { logBlock, plainMarkdown } from '../../workflows/markdown.ts';
import { Trial } from '../../workflows/trial-state.ts';
import { done, job, skeleton } from '../support/skeletons.ts';

const AT = Date.UTC(2026, 10, 30, 12, 0);
const REPORT: JobReport = {
  job: 'p.1-train',
  step: 1200,
  total: 6000,
  unit: 'step',
  loss: [0.9, 0.5, 0.3, 0.25],
  endsAt: AT + 7_200_000,
  checkpoint: 'checkpoint-1000',
  at: AT + 60_000,
};

function training(): Trial {
  const trial = new Trial();
  trial.load(skeleton([job('p.1-train', { title: 'train' }), job('p.2-score', { title: 'score' })]));
  trial.mark('p.1-train', 'running', AT, { host: 'node-7', hostQueue: 'host-7', epoch: 1, devices: ['0', '3'] });
  return trial;
}

/** Cells of the table's rows. */
const rowsOf = (details: string) =>
  details
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim())
        .join('|'),
    );

describe("a trial's current details", () => {
  it('show of a long training its curve, its step, when it ends, its checkpoint, its host and its GPUs', () => {
    const trial = training();
    trial.take(REPORT);
    const details = detailsOf(trial.progress());
    expect(details).toContain(
      '**train** █▄▁▁ loss 0.25, step 1200 of 6000 (20%), ends about 30 Nov 14:00 UTC, saved checkpoint-1000 (told 30 Nov 12:01 UTC)',
    );
    expect(rowsOf(details)).toContain('▶|execution|train|node-7, GPU 0, 3|running|since 30 Nov 12:00 UTC|');
  });

  it('show how long a job took and its first numbers, and nothing any more of how it went', () => {
    const trial = training();
    trial.take(REPORT);
    trial.finish(done({ job: 'p.1-train' } as never, { metrics: { loss: 0.123456, steps: 6000 } }), AT + 125_000);
    const details = detailsOf(trial.progress());
    expect(rowsOf(details)).toContain('✓|execution|train|node-7, GPU 0, 3|done|2:05|loss 0.1235, steps 6000');
    expect(details).not.toContain('ends about');
    trial.take(REPORT);
    expect(detailsOf(trial.progress())).toBe(details);
  });

  it('of a trial that failed begin with the cause, the last lines of the log, and what to do', () => {
    const trial = training();
    const error = {
      job: 'p.1-train',
      why: 'CUDA out of memory',
      logTail: ['step 1', 'OOM\u001b[0m ``` <b>'],
      log: '/w/log',
    };
    trial.fail('p.1-train', error, AT);
    const [cause, , ...rest] = detailsOf(trial.progress()).split('\n');
    expect(cause).toBe('**train failed:** CUDA out of memory');
    expect(rest.slice(0, 4)).toEqual(['```text', 'step 1', "OOM [0m ''' <b>", '```']);
    expect(rest.join('\n')).toMatch(/Log: \/w\/log\n\n\*\*What to do:\*\* mend the cause .*`retryJob`/);
  });

  it('are the same whatever a report names that is no job of the trial', () => {
    const trial = training();
    const before = detailsOf(trial.progress());
    trial.take({ ...REPORT, job: 'p.9-none' });
    trial.take(undefined as never);
    expect(detailsOf(trial.progress())).toBe(before);
  });
});

describe('text of the user', () => {
  it('neither ends a cell nor a code block, nor becomes markup', () => {
    expect(plainMarkdown('a|b <script>*x*')).toBe('a\\|b \\<script\\>\\*x\\*');
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), lines => {
        const block = logBlock(lines);
        expect(block.filter(line => line.includes('```'))).toHaveLength(lines.length === 0 ? 0 : 2);
        for (const line of block) expect(line).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('stretches of a curve', () => {
  it('are the means of equal parts, as many as asked for at most', () => {
    expect(stretches([1, 3, 5, 7], 2)).toEqual([2, 6]);
    expect(stretches([1, 3], 5)).toEqual([1, 3]);
    expect(stretches([], 5)).toEqual([]);
  });
});
