import { decisionText } from '../../plan/sweep/decision-text.ts';
import type { Decision } from '../../plan/sweep/types.ts';
import { clean } from '../text.ts';

/** A decision as a line: when, and what. */
export function decisionLine(decision: Decision): string {
  return clean(`${decision.t.replace('T', ' ').slice(0, 19)}  ${decisionText(decision)}`);
}
