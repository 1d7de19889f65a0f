import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Server } from '../../../client/connect.ts';
import { joined, rankedTrials, readLedger } from '../../../client/sweep/read-ledger.ts';
import { budgetWish, parametersOf } from '../../../client/sweep/steering.ts';
import { board, DECISIONS } from './boards.ts';

const newest = vi.hoisted(() => ({ decisions: [] as unknown[] }));
vi.mock('../../../client/sweep/sweeps.ts', async original => ({
  ...(await original<typeof import('../../../client/sweep/sweeps.ts')>()),
  newestDecisions: async () => newest.decisions,
}));
const server = {} as Server;
beforeEach(() => {
  newest.decisions = [];
});

async function ledgerOf(text: string, bytes = Buffer.byteLength(text)) {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'decisions.jsonl');
  await writeFile(path, text);
  return { sweep: 's', ledger: { path, bytes, lines: 0, sha256: '' } };
}
const linesOf = (decisions: readonly unknown[]) => decisions.map(each => `${JSON.stringify(each)}\n`).join('');

describe('the decisions of a sweep', () => {
  it('are those on disk and after them the newest, which may not be written yet, each once', async () => {
    newest.decisions = DECISIONS.slice(3);
    const { decisions, lacking } = await readLedger(server, await ledgerOf(linesOf(DECISIONS.slice(0, 5))));
    expect(decisions).toEqual(DECISIONS);
    expect(lacking).toBeNull();
  });
  it('on disk end where the sweep says: what lies beyond was never settled', async () => {
    const settled = linesOf(DECISIONS.slice(0, 2));
    const one = await ledgerOf(`${settled}{"seq": 3, "kind": "sto`, Buffer.byteLength(settled));
    expect((await readLedger(server, one)).decisions).toEqual(DECISIONS.slice(0, 2));
  });
  it('are the newest only where the file is not to be read here, or shorter than the sweep says', async () => {
    newest.decisions = DECISIONS.slice(3);
    const absent = await readLedger(
      server,
      board({ ledger: { path: '/no/such/file', bytes: 9, lines: 1, sha256: '' } }),
    );
    expect(absent.decisions).toEqual(DECISIONS.slice(3));
    expect(absent.lacking).toContain('/no/such/file cannot be read here');
    const short = await readLedger(server, await ledgerOf('{}\n', 100));
    expect(short.lacking).toContain('it has 3 bytes, and the sweep wrote 100');
  });
  it('of a sweep that has written none yet need no file', async () => {
    newest.decisions = DECISIONS.slice(0, 2);
    const { decisions, lacking } = await readLedger(server, board());
    expect(decisions).toEqual(DECISIONS.slice(0, 2));
    expect(lacking).toBeNull();
  });
  it('join without a gap or a double', () => {
    expect(joined(DECISIONS, DECISIONS.slice(5))).toEqual(DECISIONS);
    expect(joined([], DECISIONS)).toEqual(DECISIONS);
  });
});

describe('all trials of a sweep', () => {
  it('come from its decisions, in the order of the leaderboard', () => {
    const trials = rankedTrials(board(), { decisions: DECISIONS, lacking: null });
    expect(trials).toMatchObject([{ trial: 1, status: 'done', objectives: [0.5], steps: 60, reused: 2 }]);
  });
  it('are those that the sweep lists where its decisions are lacking', () => {
    expect(rankedTrials(board(), { decisions: [], lacking: 'no file' })).toBe(board().trials);
  });
});

describe('what is steered', () => {
  it('a budget has limits by the names of a sweep file', () => {
    expect(budgetWish(['run_cap=30', 'max_hours=1.5', 'patience=null', 'max_failures=3', 'target=0.9'])).toEqual({
      runCap: 30,
      maxHours: 1.5,
      patience: null,
      maxFailures: 3,
      target: 0.9,
    });
    expect(() => budgetWish(['runcap=3'])).toThrow('runcap is no limit of a sweep; did you mean run_cap?');
    expect(() => budgetWish(['run_cap=many'])).toThrow('run_cap="many": expected a number, or null for no limit');
    expect(() => budgetWish(['run_cap'])).toThrow('expected path=value');
  });
  it('a space is the parameters of a file', async () => {
    const { ledger } = await ledgerOf('method: random\nparameters:\n  a.b: {min: 1, max: 2}\n');
    expect(parametersOf(ledger.path)).toEqual({ 'a.b': { min: 1, max: 2 } });
    const { ledger: none } = await ledgerOf('method: random\n');
    expect(() => parametersOf(none.path)).toThrow('it has no `parameters:`');
    expect(() => parametersOf('/no/such.yaml')).toThrow('--sweep /no/such.yaml: there is no such file');
    const { ledger: broken } = await ledgerOf('parameters: [1\n');
    expect(() => parametersOf(broken.path)).toThrow('decisions.jsonl:');
  });
});
