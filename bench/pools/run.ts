// Construction and combination of pools: ours on many rows, and beside the original's own code on as many as that can hold.
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { pythonFile, pythonOf, sandboxHome } from '../../activities/runtime/paths.ts';
import { inPackage } from '../../setup/places.mjs';
import type { BenchReport } from '../bench.ts';
import { benchPython } from '../python.ts';
import { table } from '../table.ts';

const MANY = 5_000_000;
const FEW = 200_000;
/** Pools that are combined, of each stat one. */
const COMBINED = ['text_len_0', 'alnum_ratio_2', 'scores_0'];

/** Seconds of wall time and of CPU, peak memory in bytes; of the original `imports` is what its packages take of that. */
interface Use {
  seconds: number;
  cpu: number;
  peak: number;
  imports?: number;
}

type Operation = 'construction' | 'combination';
type Runner = (operation: Operation, datasets: string[], folder: string) => Promise<Use>;

interface Measured {
  what: string;
  rows: number;
  construction: Use;
  combination: Use;
}

/** `--rows`, `--few` (both sizes), `--without-original`. */
export async function run(args: string[], say: (line: string) => void): Promise<BenchReport> {
  const many = numberAfter(args, '--rows') ?? MANY;
  const few = numberAfter(args, '--few') ?? FEW;
  const root = join(sandboxHome(), 'bench');
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(join(root, 'pools-'));
  try {
    const measured = [await measure('ours', ours(folder), many, folder, say)];
    if (!args.includes('--without-original')) {
      measured.push(await measure('ours', ours(folder), few, folder, say));
      measured.push(await measure('original', await original(folder, say), few, folder, say));
      await requireSame(join(folder, `ours-${few}`), join(folder, `original-${few}`));
    }
    return { figures: { measured: JSON.parse(JSON.stringify(measured)) }, text: textOf(measured) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  what: string,
  runner: Runner,
  rows: number,
  folder: string,
  say: (line: string) => void,
): Promise<Measured> {
  const dataset = join(folder, `rows-${rows}.jsonl`);
  await execa(pythonOf('pools'), [inPackage('bench', 'pools', 'make_rows.py'), String(rows), dataset]);
  const out = join(folder, `${what}-${rows}`);
  say(`${what}, ${rows} rows: construction …`);
  const construction = await runner('construction', [dataset], join(out, 'pools'));
  say(`${what}, ${rows} rows: combination …`);
  const pools = COMBINED.map(part => join(out, 'pools', part.slice(0, -2), `rows-${rows}_${part}.jsonl`));
  const combination = await runner('combination', pools, join(out, 'combined'));
  return { what, rows, construction, combination };
}

function ours(folder: string): Runner {
  return async (operation, datasets, out) => {
    const request = join(folder, 'request.json');
    const options = {
      construction: { split_ratios: [1 / 3, 2 / 3], split_num: null, ignore_stats: false },
      combination: { prefix: 'rows' },
    }[operation];
    const stems = datasets.map(path => ({ path, stem: basename(path, '.jsonl') }));
    const scratch = join(folder, 'scratch');
    await writeFile(
      request,
      JSON.stringify({ operation, datasets: stems, folder: out, scratch, memory: '1GB', options }),
    );
    const program = [pythonFile('pools', 'main.py'), request, join(folder, 'result.json')];
    const measured = inPackage('bench', 'pools', 'measured.py');
    const { stdout } = await execa(pythonOf('pools'), [measured, pythonOf('pools'), ...program]);
    return JSON.parse(stdout) as Use;
  };
}

async function original(folder: string, say: (line: string) => void): Promise<Runner> {
  const python = await benchPython('pools', 'original', say);
  const env = { HF_DATASETS_CACHE: join(folder, 'cache'), HF_HUB_OFFLINE: '1' };
  return async (operation, datasets, out) => {
    const program = [inPackage('bench', 'pools', 'original.py'), operation, out, ...datasets];
    const { stdout } = await execa(python, program, { env });
    return JSON.parse(stdout.split('\n').at(-1)!) as Use;
  };
}

/** A comparison is of the same work: both made the same pools of the same samples, in the same order. */
async function requireSame(one: string, other: string): Promise<void> {
  for (const part of COMBINED) {
    const within = join('pools', part.slice(0, -2));
    const name = `rows-${basename(one).split('-').at(-1)}_${part}.jsonl`;
    const [ids, others] = [await idsIn(join(one, within, name)), await idsIn(join(other, within, name))];
    if (ids.join() !== others.join()) throw new Error(`${name} is another pool in the original's code`);
  }
}

async function idsIn(path: string): Promise<number[]> {
  const ids: number[] = [];
  for await (const line of createInterface({ input: createReadStream(path) }))
    ids.push((JSON.parse(line) as { id: number }).id);
  return ids;
}

function textOf(measured: readonly Measured[]): string {
  const reference = measured.find(({ what }) => what === 'original');
  const rows = measured.flatMap(each =>
    (['construction', 'combination'] as const).map(operation => {
      const { seconds, cpu, peak, imports } = each[operation];
      const theirs = reference?.rows === each.rows ? reference[operation] : undefined;
      const ratio = (mine: number, other?: number) => (other === undefined ? '' : (mine / other).toFixed(2));
      return [
        `${operation}, ${each.what}`,
        each.rows,
        seconds.toFixed(1),
        cpu.toFixed(1),
        mib(peak),
        imports === undefined ? '' : mib(imports),
        ratio(cpu, theirs?.cpu),
        ratio(peak, theirs?.peak),
      ];
    }),
  );
  return table(
    ['', 'rows', 'seconds', 'CPU s', 'peak MiB', 'of it imports', 'CPU to theirs', 'memory to theirs'],
    rows,
  );
}

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

function numberAfter(args: readonly string[], name: string): number | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : Number(args[at + 1]);
}
