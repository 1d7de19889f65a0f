import { mkdtempSync } from 'node:fs';
import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobFailure } from '../../../activities/runtime/failure.ts';
import { appendDecisions, readLedger } from '../../../activities/runtime/ledger.ts';
import type { LedgerRef } from '../../../plan/protocol.ts';
import type { Decision } from '../../../plan/sweep/types.ts';
import { ended, ledger, OPEN, SPEC, suggested } from '../../plan/sweep/ledgers.ts';

const RUN = ledger([OPEN, suggested(1), suggested(2), ended(1, 0.5), suggested(3), ended(2, 0.4), ended(3, 0.3)]);

function emptyLedger(): LedgerRef {
  const path = join(mkdtempSync(join(tmpdir(), 'ledger-')), 'sweep', 'decisions.jsonl');
  return { path, bytes: 0, lines: 0, sha256: '' };
}

/** References after each of the pieces. */
async function written(pieces: Decision[][], from = emptyLedger()): Promise<LedgerRef[]> {
  const refs = [from];
  for (const piece of pieces) refs.push(await appendDecisions(refs.at(-1)!, piece));
  return refs;
}

const textOf = (decisions: Decision[]) => decisions.map(each => `${JSON.stringify(each)}\n`).join('');
const content = (ref: LedgerRef) => readFile(ref.path, 'utf8');

describe('a ledger', () => {
  it('is a line for each decision, and each reference names those up to it', async () => {
    const [, first, second] = await written([RUN.slice(0, 3), RUN.slice(3)]);
    expect(await content(second!)).toBe(textOf(RUN));
    expect(second).toMatchObject({ lines: 7, bytes: Buffer.byteLength(textOf(RUN)) });
    expect(await readLedger(first!)).toEqual(RUN.slice(0, 3));
    expect(await readLedger(second!)).toEqual(RUN);
    expect(await readLedger(emptyLedger())).toEqual([]);
  });

  it('has the same reference however its decisions came', async () => {
    const [, once] = await written([RUN]);
    const one = (await written(RUN.map(each => [each]))).at(-1)!;
    expect({ ...one, path: '' }).toEqual({ ...once!, path: '' });
    expect(await appendDecisions(one, [])).toEqual(one);
  });

  it('is what it should be, in whatever order and however often its pieces are written again', async () => {
    const pieces = [RUN.slice(0, 2), RUN.slice(2, 3), RUN.slice(3, 6), RUN.slice(6)];
    const again = fc.array(fc.nat({ max: pieces.length - 1 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(again, async order => {
        const refs = await written(pieces);
        for (const i of order) expect(await appendDecisions(refs[i]!, pieces[i]!)).toEqual(refs[i + 1]);
        expect(await content(refs.at(-1)!)).toBe(textOf(RUN));
      }),
      { numRuns: 20 },
    );
  });

  it('goes on after a torn line: what was being written when somebody died is written over', async () => {
    const [, ref] = await written([RUN.slice(0, 4)]);
    await appendFile(ref!.path, textOf(RUN.slice(4)).slice(0, 30));
    expect(await readLedger(ref!)).toEqual(RUN.slice(0, 4));
    const after = await appendDecisions(ref!, RUN.slice(4));
    expect(await content(after)).toBe(textOf(RUN));
  });

  it('leaves alone what a zombie finds beyond its own piece, even a line that is being written', async () => {
    const refs = await written([RUN.slice(0, 2), RUN.slice(2, 4)]);
    await appendFile(refs[2]!.path, textOf(RUN.slice(4)).slice(0, 30));
    await appendDecisions(refs[1]!, RUN.slice(2, 4));
    expect(await content(refs[2]!)).toBe(textOf(RUN.slice(0, 4)) + textOf(RUN.slice(4)).slice(0, 30));
    await appendDecisions(refs[0]!, RUN.slice(0, 2));
    expect(await readLedger(refs[2]!)).toEqual(RUN.slice(0, 4));
  });

  it('loses lines of a future that was taken back: a workflow that was reset decides anew', async () => {
    const [, , ref] = await written([RUN.slice(0, 2), RUN.slice(2, 3), RUN.slice(3)]);
    const anew = ledger([ended(2, 0.123456789, 'failed')], 4);
    const after = await appendDecisions(ref!, anew);
    expect(await content(after)).toBe(textOf([...RUN.slice(0, 3), ...anew]));
  });

  it.each([
    ['a changed line', async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace('0.5', '0.6'))],
    ['a lost line', (path: string) => writeFile(path, textOf(RUN.slice(1)))],
    ['a cut file', (path: string) => truncate(path, 50)],
    [
      'another file of the same length',
      async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace(/\d/g, '7')),
    ],
  ])('is not read, and not written to, with %s', async (_, damage) => {
    const [, ref] = await written([RUN]);
    await damage(ref!.path);
    const before = await content(ref!);
    await expect(readLedger(ref!)).rejects.toThrow(
      /does not begin with the 7 lines \(\d+ bytes\) that the sweep has written/,
    );
    await expect(appendDecisions(ref!, ledger([ended(4, 1)], 8))).rejects.toBeInstanceOf(JobFailure);
    expect(await content(ref!)).toBe(before);
  });

  it('that is gone is a failure that says so', async () => {
    const ref = { ...emptyLedger(), bytes: 10, lines: 1 };
    await expect(readLedger(ref)).rejects.toThrow(`the sweep's ledger ${ref.path} is gone`);
    await expect(appendDecisions(ref, RUN)).rejects.toThrow('is gone');
  });

  it('of another run with that name is put aside, once', async () => {
    const [empty, other] = await written([RUN]);
    const mine = ledger([{ kind: 'open', sweep: 's', runId: 'run-2', spec: SPEC, rungs: null }]);
    const ref = await appendDecisions(empty!, mine);
    await appendDecisions(ref, ledger([suggested(1)], 2));
    await appendDecisions(empty!, mine);
    const folder = join(ref.path, '..');
    expect((await readdir(folder)).sort()).toEqual(['decisions.before-1.jsonl', 'decisions.jsonl']);
    expect(await readLedger({ ...other!, path: join(folder, 'decisions.before-1.jsonl') })).toEqual(RUN);
    expect(await content(ref)).toBe(textOf([...mine, ...ledger([suggested(1)], 2)]));
  });

  it('is not written to by a zombie of the run before', async () => {
    const [empty, other] = await written([RUN.slice(0, 3)]);
    const ref = await appendDecisions(
      empty!,
      ledger([{ kind: 'open', sweep: 's', runId: 'run-2', spec: SPEC, rungs: null }, suggested(1), suggested(2)]),
    );
    await expect(appendDecisions(other!, RUN.slice(3))).rejects.toThrow('another sweep of this name writes there');
    expect(await readLedger(ref)).toHaveLength(3);
  });
});
