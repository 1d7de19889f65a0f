import type { LogPattern } from '../runtime/program-spec.ts';
import { assertSharedPattern } from '../runtime/shared-pattern.ts';

/** Why a pattern cannot be used, in a sentence; null where it can. */
export function checkPattern(pattern: LogPattern): string | null {
  try {
    assertSharedPattern(pattern);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
