import { createHash } from 'node:crypto';
import type { LedgerRef } from '../../plan/protocol.ts';

/** A chain of hashes over whole lines, as LedgerRef has it. */
export type Chain = Pick<LedgerRef, 'lines' | 'sha256'>;

const LINE_BREAK = 0x0a;

/** The chain after some more lines; what follows the last line break is no line. */
export function chained({ lines, sha256 }: Chain, text: Buffer): Chain {
  let [count, link] = [lines, sha256];
  for (let start = 0, end = 0; ; start = end) {
    end = text.indexOf(LINE_BREAK, start) + 1;
    if (end === 0) return { lines: count, sha256: link };
    link = createHash('sha256').update(link).update(text.subarray(start, end)).digest('hex');
    count += 1;
  }
}
