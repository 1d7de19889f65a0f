import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../activities/runtime/paths.ts';
import { NEEDED_ATTRIBUTES } from '../../workers/search-attributes.ts';
import { startHalfServer } from '../support/half-server.ts';

describe('a control worker', () => {
  it('whose server goes away while it starts ends, so that it is started again', async () => {
    const server = await startHalfServer(Object.keys(NEEDED_ATTRIBUTES));
    try {
      const main = join(packageRoot(), 'dist', 'client', 'main.js');
      const env = { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'default' };
      const ended = await execa(process.execPath, [main, 'worker', '--control'], {
        env,
        reject: false,
        timeout: 60_000,
      });
      expect(ended.stderr).toContain('could not be described');
      expect(ended).toMatchObject({ exitCode: 1, timedOut: false });
    } finally {
      server.stop();
    }
  });
});
