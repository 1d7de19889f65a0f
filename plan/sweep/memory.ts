// All that a sweep knows, as JSON: its size does not grow with the number of trials but for the values told at rungs.
import type { LedgerRef, SweepOpened } from '../protocol.ts';
import type { Decision, Point, Rungs, SweepTrial } from './types.ts';

/** A trial that has not ended. */
export interface OpenTrial extends SweepTrial {
  /** Index of the rung that it waits at, of the last that it told otherwise; null: none yet. */
  rung: number | null;
  /** It was told to stop. */
  stopping: boolean;
}

/** What the workflow is to do next. */
export type Action =
  | { do: 'begin'; trial: number; point: Point }
  | { do: 'ask'; next: number; count: number }
  | { do: 'promote'; trial: number; rung: number }
  | { do: 'tell'; trial: number; signal: 'stop' | 'pause' | 'resume' }
  | { do: 'close'; state: 'done' | 'failed' | 'stopped'; reason: string };

export interface Ending {
  state: 'done' | 'failed' | 'stopped';
  reason: string;
}

export interface SweepMemory {
  sweep: string;
  /** Of the first run: continuing as new does not change it. */
  runId: string;
  opened: SweepOpened;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Trials begun; their numbers are 1 … begun. */
  begun: number;
  /** Points that were taken from the space as it is now. */
  taken: number;
  /** Points of the user's own, tried first. */
  queue: Point[];
  /** A sampler's answers that no trial has taken yet. */
  answers: { point: Point; reason: string }[];
  open: OpenTrial[];
  /** Finished trials with an objective, the best first. */
  best: SweepTrial[];
  counts: { done: number; failed: number; stopped: number };
  rungs: Rungs;
  /** By rung: trials that were promoted from it. */
  promoted: number[][];
  /** Trials done since the best one. */
  sinceBest: number;
  paused: boolean;
  /** Set once it begins nothing more and its trials are told to stop. */
  ending: Ending | null;
  orders: Action[];
  /** Number of the last decision. */
  seq: number;
  /** Decisions that are on disk. */
  ledger: LedgerRef;
  /** Those that are not yet. */
  unsaved: Decision[];
  recent: Decision[];
}

export function newMemory(sweep: string, runId: string, opened: SweepOpened, now: number): SweepMemory {
  return {
    sweep,
    runId,
    opened,
    startedAt: now,
    begun: 0,
    taken: 0,
    queue: [],
    answers: [],
    open: [],
    best: [],
    counts: { done: 0, failed: 0, stopped: 0 },
    rungs: (opened.rungs?.steps ?? []).map(() => []),
    promoted: (opened.rungs?.steps ?? []).map(() => []),
    sinceBest: 0,
    paused: false,
    ending: null,
    orders: [],
    seq: 0,
    ledger: { path: `${opened.dir}/decisions.jsonl`, bytes: 0, lines: 0, sha256: '' },
    unsaved: [],
    recent: [],
  };
}

/** Characters of one argument of the workflow: well under what the server takes for one payload. */
const PIECE_CHARS = 60_000;

/** As the arguments with which the next run of the workflow goes on. */
export function memoryInPieces(memory: object): string[] {
  const text = JSON.stringify(memory);
  const pieces = Math.ceil(text.length / PIECE_CHARS);
  return Array.from({ length: pieces }, (_, i) => text.slice(i * PIECE_CHARS, (i + 1) * PIECE_CHARS));
}

export function memoryFrom(pieces: readonly string[]): SweepMemory {
  return JSON.parse(pieces.join('')) as SweepMemory;
}
