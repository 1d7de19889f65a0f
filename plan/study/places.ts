// Where a study keeps its pools: workflow and activities find them by name, so that no paths travel.
import type { Part } from './types.ts';

/** The whole data, to which pools are compared. */
export const WHOLE = 'whole';

export const partId = ({ op, stat, end }: Part): string => `${op}.${stat}.${end}`;

/** A pool before it is sampled. */
export const fullPool = (dir: string, id: string): string => `${dir}/pools/full/${id}.jsonl`;

/** A pool of `samples` samples, or a repetition of one. */
export const sampledPool = (dir: string, samples: number, id: string): string => `${dir}/pools/${samples}/${id}.jsonl`;

export const repeatedId = (id: string, times: number): string => `${id}_x${times}`;
