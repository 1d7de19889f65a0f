import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { complete } from '../../../client/completion/complete.ts';
import { chosen, idCandidates, jobCandidates } from '../../../client/completion/known-names.ts';

function program(): Command {
  const main = new Command('dj-sandbox');
  const logs = main.command('logs').description('the logs');
  logs
    .argument('<id>')
    .option('--job <job>', 'one job')
    .option('-f, --follow', 'go on')
    .option('--work-dir <folder>', 'where');
  const sweep = main.command('sweep').description('many trials');
  sweep.command('start').option('--config <file>').option('--set <path=value>');
  sweep.command('stop').argument('<id>');
  main.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']));
  main.command('secret', { hidden: true });
  return main;
}

const words = (...line: string[]) => complete(program(), line).candidates.map(({ word }) => word);

describe('the end of a command line', () => {
  test.each([
    [[''], ['logs', 'sweep', 'completion', 'help']],
    [['lo'], ['logs']],
    [
      ['sweep', ''],
      ['start', 'stop', 'help'],
    ],
    [
      ['logs', '--'],
      ['--job', '--follow', '--work-dir', '--help'],
    ],
    [
      ['logs', 'x', '-f', '--'],
      ['--job', '--work-dir', '--help'],
    ],
    [['logs', '--job', 'sweep', '--w'], ['--work-dir']],
    [['completion', 'z'], ['zsh']],
    [
      ['nonsense', ''],
      ['logs', 'sweep', 'completion', 'help'],
    ],
  ])('%j gets %j', (line, expected) => {
    expect(words(...line)).toEqual(expected);
  });

  test.each([
    [['logs', ''], 'ids'],
    [['logs', '--follow', 'my'], 'ids'],
    [['sweep', 'stop', ''], 'ids'],
    [['logs', 'my-run', '--job', ''], { jobOf: 'my-run' }],
    [['logs', '--work-dir', ''], 'files'],
    [['sweep', 'start', '--config', ''], 'files'],
    [['sweep', 'start', '--set', ''], null],
    [['logs', 'my-run', ''], null],
  ])('%j asks for %j', (line, more) => {
    expect(complete(program(), line).more).toEqual(more);
  });
});

describe('ids and jobs', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dj-complete-')));
  beforeAll(() => {
    const trial = join(folder, 'work', 'trials', 'my-run');
    mkdirSync(trial, { recursive: true });
    mkdirSync(join(folder, 'work', 'sweeps', 'my-sweep'), { recursive: true });
    for (const n of [1, 2]) mkdirSync(join(folder, 'work', 'trials', `my-sweep.trial-${n}`));
    const job = (id: string, metaName: string) => ({ id, metaName, component: 'probe.analyzer', key: 'k' });
    const jobs = [job('a.1-look', 'look'), job('a.2-same', 'same'), job('b.1-same', 'same'), job('b.2-x', 'two words')];
    const plan = { iteration: 1, pipelines: [{ stages: [{ jobs }] }] };
    writeFileSync(join(trial, 'plan-1.json'), JSON.stringify(plan));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  test('are those of the work_dirs below this folder; trials of a sweep once its id is written out', async () => {
    expect((await idCandidates('my')).map(({ word, help }) => [word, help])).toEqual([
      ['my-sweep', 'sweep'],
      ['my-run', 'trial'],
    ]);
    expect((await idCandidates('my-sweep.')).map(({ word }) => word)).toEqual(['my-sweep.trial-1', 'my-sweep.trial-2']);
  });

  test('of jobs are meta_names, or ids where two have the same', async () => {
    expect((await jobCandidates('my-run', '')).map(({ word }) => word)).toEqual(['look', 'a.2-same', 'b.1-same']);
    expect(await jobCandidates('nowhere', '')).toEqual([]);
  });

  test('that a shell would run or split are never given to it', () => {
    const hostile = ['$(reboot)', 'a b', '`x`', 'a;b', "a'b", 'a\nb', 'grüße', '试验-1'].map(word => ({
      word,
      help: '',
    }));
    expect(chosen(hostile, '').map(({ word }) => word)).toEqual(['grüße', '试验-1']);
  });
});
