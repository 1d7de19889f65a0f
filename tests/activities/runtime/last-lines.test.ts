import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lastLines, readable } from '../../../activities/runtime/last-lines.ts';

describe('the last lines of a log', () => {
  it('show the last state of a progress bar once', () => {
    expect(readable('start\n\r 1%|#\r50%|##\r100%|###\nend\n')).toEqual(['start', '100%|###', 'end']);
  });

  it('carry no control characters to the terminal', () => {
    expect(readable('\u001b[31mred\u001b[0m \u0007bell \u001b[2Jcleared')).toEqual(['red bell cleared']);
  });

  it('are cut where a line is endless', () => {
    expect(readable('x'.repeat(10_000))[0]).toHaveLength(500);
  });

  it('are found without reading a large log', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'log-')), 'log.txt');
    await writeFile(path, `${'filler\n'.repeat(500_000)}the end\n`);
    expect(await lastLines(path, 2)).toEqual(['filler', 'the end']);
  });
});
