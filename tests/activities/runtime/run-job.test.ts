import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alone } from '../../../activities/runtime/alone.ts';
import { newEpoch, readManifest } from '../../../activities/runtime/job-dir.ts';
import { runJob } from '../../../activities/runtime/run-job.ts';
import { jobOnDisk, services, testComponent } from '../../support/job-on-disk.ts';

const { signal } = new AbortController();
const locked = services({ alone: (dir, work) => alone(dir, signal, work) });

describe('a job', () => {
  it('that two trials need at once is run once, and both get its result', async () => {
    const { ref } = await jobOnDisk();
    let runs = 0;
    const component = testComponent({
      run: async () => {
        runs += 1;
        await new Promise(resolve => setTimeout(resolve, 20));
        return { results: [{ value: runs }] };
      },
    });
    const other = { ...ref, trial: { id: 'other', runId: 'x' } };
    const ends = await Promise.all([runJob(component, ref, locked), runJob(component, other, locked)]);
    expect(runs).toBe(1);
    expect(ends.map(end => end.results)).toEqual([{ score: 1 }, { score: 1 }]);
    expect(ends.map(end => end.reused).sort()).toEqual([false, true]);
  });

  it('that failed half way leaves nothing of that run in the result of the next', async () => {
    const { ref, dir } = await jobOnDisk();
    const dying = testComponent({
      run: async ({ out }) => {
        await writeFile(join(out, 'half.txt'), 'half');
        throw new Error('worker killed');
      },
    });
    await expect(runJob(dying, ref, locked)).rejects.toThrow('worker killed');
    const whole = testComponent({
      run: async ({ out }) => {
        await writeFile(join(out, 'whole.txt'), 'whole');
        return { results: [{ path: join(out, 'whole.txt') }] };
      },
    });
    await runJob(whole, ref, locked);
    expect((await readManifest(dir))?.files.map(file => file.path)).toEqual(['epoch-2/out/whole.txt']);
  });

  it.each([
    ['nothing that outlives its worker', false, ['whole.txt']],
    ['a program, which may still run there', true, ['half.txt', 'whole.txt']],
  ])('whose claimed attempt died and had started %s goes on in its epoch', async (_, program, left) => {
    const { ref, dir } = await jobOnDisk();
    const claim = { hostQueue: 'h', host: 'h', epoch: await newEpoch(dir), devices: [] };
    const attempt = (name: string, dies: boolean) =>
      testComponent({
        run: async run => {
          await writeFile(join(run.out, name), name);
          if (program) await writeFile(join(run.dir, 'spec.json'), '{}');
          if (dies) throw new Error('worker killed');
          return { results: [{ value: 1 }] };
        },
      });
    await expect(runJob(attempt('half.txt', true), { ...ref, claim }, locked)).rejects.toThrow();
    await runJob(attempt('whole.txt', false), { ...ref, claim }, locked);
    expect((await readManifest(dir))?.files.map(file => file.path)).toEqual(left.map(name => `epoch-1/out/${name}`));
  });

  it('publishes outputs with links in them: to files by content, to folders and nothing not at all', async () => {
    const { ref, dir, workDir } = await jobOnDisk();
    await writeFile(join(workDir, 'model.bin'), 'abc');
    const component = testComponent({
      run: async ({ out }) => {
        await symlink(join(workDir, 'model.bin'), join(out, 'model.bin'));
        await symlink(workDir, join(out, 'folder'));
        await symlink(join(workDir, 'nothing'), join(out, 'dangling'));
        return { results: [{ value: 1 }] };
      },
    });
    await runJob(component, ref, locked);
    expect((await readManifest(dir))?.files).toEqual([
      expect.objectContaining({ path: 'epoch-1/out/model.bin', bytes: 3 }),
    ]);
  });

  it('that names an output which it had no reason to make is done', async () => {
    const named = join(await mkdtemp(join(tmpdir(), 'named-')), 'videos');
    const { ref } = await jobOnDisk({
      writes: [{ at: 'extra_configs.out_dir', named, kind: 'directory' }],
      config: { dj_configs: null, extra_configs: { out_dir: 'x' } },
    });
    expect((await runJob(testComponent(), ref, locked)).results).toEqual({ score: 1 });
    expect(existsSync(named)).toBe(false);
  });

  it('of a claim that was lost is not run', async () => {
    const { ref } = await jobOnDisk();
    const lost = services({ holdClaim: () => Promise.reject(new Error('lost')) });
    await expect(runJob(testComponent(), ref, lost)).rejects.toThrow('lost');
  });
});

describe('parts of a job', () => {
  const parted = { parts: ['x', 'y'] };

  it('that are done are not run again, and reach the run that gathers them', async () => {
    const { ref } = await jobOnDisk(parted);
    const ran: string[] = [];
    const component = testComponent({
      runPart: async (_, part) => {
        ran.push(part);
        return { part };
      },
      run: async ({ parts }) => ({ results: [{ value: parts }] }),
    });
    expect((await runJob(component, { ...ref, part: 'x' }, locked)).reused).toBe(false);
    expect((await runJob(component, { ...ref, part: 'x' }, locked)).reused).toBe(true);
    await runJob(component, { ...ref, part: 'y' }, locked);
    expect(ran).toEqual(['x', 'y']);
    expect((await runJob(component, ref, locked)).results).toEqual({ score: { x: { part: 'x' }, y: { part: 'y' } } });
  });

  it('are run once where two trials need them at once', async () => {
    const { ref } = await jobOnDisk(parted);
    let runs = 0;
    const component = testComponent({
      runPart: async () => {
        runs += 1;
        await new Promise(resolve => setTimeout(resolve, 20));
        return runs;
      },
    });
    await Promise.all([1, 2].map(() => runJob(component, { ...ref, part: 'x' }, locked)));
    expect(runs).toBe(1);
  });

  it('may have any names: none leaves the folder or meets another', async () => {
    const names = ['../../../escape', '..', '', 'a/b', 'a_b', 'x', 'x.json', '维'.repeat(500)];
    const { ref, dir, workDir } = await jobOnDisk({ parts: names });
    const component = testComponent({
      runPart: async (_, part) => ({ part }),
      run: async ({ parts }) => ({ results: [{ value: Object.keys(parts).length }] }),
    });
    for (const part of names) await runJob(component, { ...ref, part }, locked);
    expect((await runJob(component, ref, locked)).results).toEqual({ score: names.length });
    expect((await readdir(join(dir, 'parts'))).length).toBe(names.length);
    expect((await readdir(workDir)).sort()).toEqual(['jobs', 'plan.json', 'trials']);
  });
});

describe("a trial's folder", () => {
  it.each(['../../escape', '..', '.', 'a/b', 'x'.repeat(2_000), '试验'.repeat(200)])(
    'is below trials/, with links to its jobs, for trial, pipeline and meta_name %#',
    async name => {
      const { ref, workDir } = await jobOnDisk({ pipeline: name, metaName: name }, name);
      await runJob(testComponent(), ref, locked);
      expect((await readdir(workDir)).sort()).toEqual(['jobs', 'plan.json', 'trials']);
      const [trial] = await readdir(join(workDir, 'trials'));
      const [pipeline] = await readdir(join(workDir, 'trials', trial!));
      const [link] = await readdir(join(workDir, 'trials', trial!, pipeline!));
      expect(existsSync(join(workDir, 'trials', trial!, pipeline!, link!, 'manifest.json'))).toBe(true);
    },
  );

  it('keeps pipelines apart whose names are in another script', async () => {
    const { ref, workDir } = await jobOnDisk({ pipeline: '数据', metaName: '过滤' });
    await runJob(testComponent(), ref, locked);
    expect(await readdir(join(workDir, 'trials', 't', '数据'))).toEqual(['1-过滤']);
  });
});

it('a plan that was removed while the trial runs is a failure that says so', async () => {
  const { ref } = await jobOnDisk();
  await rm(ref.plan.path);
  await expect(runJob(testComponent(), ref, locked)).rejects.toThrow('is gone: start the trial again');
  await mkdir(ref.plan.path);
  await expect(runJob(testComponent(), ref, locked)).rejects.toThrow('EISDIR');
});
