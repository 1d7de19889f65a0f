import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for what all workers of this host share (leases, running programs): `$DJ_SANDBOX_STATE`, else under `$XDG_STATE_HOME` or `~/.local/state`. */
export function stateDir(): string {
  return (
    process.env.DJ_SANDBOX_STATE ?? join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'dj-sandbox')
  );
}
