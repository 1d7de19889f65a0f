import type { DoneJob } from './done-job.ts';

const MOST_ROWS = 24;

/** Scores of jobs that measure the same things, side by side. */
export interface ScoreTable {
  columns: string[];
  rows: { score: string; values: (number | null)[] }[];
}

/** Metrics of evaluation jobs that are no analysis of data: jobs of one component beside each other, alike columns in one table. */
export function scoreTables(done: DoneJob[]): ScoreTable[] {
  const byComponent = grouped(done.filter(isScore));
  const tables = new Map<string, ScoreTable>();
  for (const jobs of byComponent.values()) {
    const { columns, common } = headings(jobs.map(({ job }) => job.metaName));
    const names = [...new Set(jobs.flatMap(({ manifest }) => Object.keys(manifest.metrics)))].slice(0, MOST_ROWS);
    const rows = names.map(name => ({
      score: common === '' ? name : `${common}.${name}`,
      values: jobs.map(({ manifest }) => manifest.metrics[name] ?? null),
    }));
    const table = tables.get(columns.join('\0'));
    if (table) table.rows.push(...rows);
    else tables.set(columns.join('\0'), { columns, rows });
  }
  return [...tables.values()];
}

/** Whether a job measured how good something is: evaluations that are no analysis of data. */
export function isScore({ job, manifest }: Pick<DoneJob, 'job' | 'manifest'>): boolean {
  const names = Object.keys(manifest.metrics);
  return job.stage === 'evaluation' && names.length > 0 && !names.some(name => name.endsWith('.mean'));
}

function grouped(done: DoneJob[]): Map<string, DoneJob[]> {
  const groups = new Map<string, DoneJob[]>();
  for (const one of done) groups.set(one.job.component, [...(groups.get(one.job.component) ?? []), one]);
  return groups;
}

/** meta_names without the words that all of them begin or end with, and those: `vbench_lora`, `vbench_base` → `lora`, `base` and `vbench`. */
export function headings(names: string[]): { columns: string[]; common: string } {
  const whole = { columns: names, common: '' };
  if (names.length < 2) return whole;
  const words = names.map(name => name.split('_'));
  const shortest = Math.min(...words.map(each => each.length));
  const same = (at: (each: string[]) => string | undefined) => words.every(each => at(each) === at(words[0]!));
  let start = 0;
  while (start < shortest && same(each => each[start])) start++;
  let end = 0;
  while (end < shortest - start && same(each => each.at(-1 - end))) end++;
  const columns = words.map(each => each.slice(start, each.length - end).join('_'));
  const [first = []] = words;
  const common = [...first.slice(0, start), ...first.slice(first.length - end)].join('_');
  return columns.every(Boolean) ? { columns, common } : whole;
}
