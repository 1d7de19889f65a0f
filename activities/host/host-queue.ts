import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { stateDir } from '../runtime/state-dir.ts';

/** Queue that only this host's workers poll; workers with state folders of their own count as hosts of their own. */
export function hostQueue(): string {
  return `host-${hostname()}-${createHash('sha256').update(stateDir()).digest('hex').slice(0, 6)}`;
}
