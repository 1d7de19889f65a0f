// What two trials differ in, side by side or one below the other.
import type { Ansis } from 'ansis';
import type { Difference, JobDifference } from '../../report/diff/diff-trials.ts';
import { valueText } from '../../report/diff/flatten.ts';
import { SECTION_TITLES, SECTIONS, type Section } from '../../report/diff/trial-facts.ts';
import { figure } from '../format.ts';
import { clip, column, columns } from '../text.ts';

export interface DiffSize {
  width: number;
  paint: Ansis;
  /** One below the other, as in narrow terminals. */
  unified?: boolean;
}

const NARROW = 90;

/** Two trials' differences by section, then by job; no line is wider than `width`. */
export function diffLines(a: string, b: string, jobs: readonly JobDifference[], size: DiffSize): string[] {
  const { width, paint } = size;
  const unified = size.unified ?? width < NARROW;
  const head = [paint.red(clip(`--- A ${a}`, width)), paint.green(clip(`+++ B ${b}`, width))];
  const blocks = SECTIONS.map(section => sectionLines(section, jobs, { ...size, unified }));
  return [
    ...head,
    ...blocks.flatMap(lines => (lines.length > 0 ? ['', ...lines] : [])),
    '',
    ...summaryLines(jobs, size),
  ];
}

function sectionLines(section: Section, jobs: readonly JobDifference[], size: DiffSize): string[] {
  const { width, paint, unified } = size;
  const lines = jobs.flatMap(({ job, component, differences }) => {
    const rows = differences.filter(each => each.section === section);
    if (rows.length === 0) return [];
    const head = clip(`${job} (${component})`, width);
    return [head, ...(unified ? unifiedRows(rows, size) : sideBySide(rows, size))];
  });
  return lines.length > 0 ? [paint.bold(clip(SECTION_TITLES[section], width)), ...lines] : [];
}

function unifiedRows(rows: readonly Difference[], { width, paint }: DiffSize): string[] {
  return rows.flatMap(({ name, a, b }) => [
    ...(a === undefined ? [] : [paint.red(clip(`- ${name}: ${shown(a)}`, width))]),
    ...(b === undefined ? [] : [paint.green(clip(`+ ${name}: ${shown(b)}${change(a, b)}`, width))]),
  ]);
}

function sideBySide(rows: readonly Difference[], { width, paint }: DiffSize): string[] {
  const widest = (texts: string[]) => Math.max(...texts.map(columns));
  const names = Math.min(widest(rows.map(({ name }) => name)), Math.floor(width * 0.4));
  const room = Math.floor((width - names - 6) / 2);
  const left = Math.min(room, widest(rows.map(({ a }) => shown(a))));
  return rows.map(({ name, a, b }) => {
    const right = clip(`${shown(b)}${change(a, b)}`, width - names - left - 6);
    return `  ${column(name, names)}  ${paint.red(column(shown(a), left))}  ${paint.green(right)}`;
  });
}

function shown(value: Difference['a']): string {
  // The beginning of a hash tells it from another.
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value.slice(0, 12);
  return typeof value === 'number' ? figure(value) : valueText(value);
}

/** ` (+0.3, +12%)` between two numbers. */
function change(a: Difference['a'], b: Difference['b']): string {
  if (typeof a !== 'number' || typeof b !== 'number') return '';
  const by = b - a;
  const share = a === 0 ? '' : `, ${by >= 0 ? '+' : ''}${figure(Number(((by / Math.abs(a)) * 100).toPrecision(2)))}%`;
  return ` (${by >= 0 ? '+' : ''}${figure(by)}${share})`;
}

function summaryLines(jobs: readonly JobDifference[], { width }: DiffSize): string[] {
  const ids = (verdict: JobDifference['verdict']) =>
    jobs.filter(each => each.verdict === verdict).map(({ job }) => job);
  const said = (words: string, found: string[]) => (found.length > 0 ? [`${words}: ${found.join(', ')}`] : []);
  const undone = jobs
    .filter(({ verdict, done }) => verdict === 'differs' && !(done.a && done.b))
    .map(({ job, done }) => `${job} (${done.a ? 'B' : done.b ? 'A' : 'both'})`);
  return [
    ...said('The same result in both', ids('same')),
    ...said('Alike, run twice', ids('alike')),
    ...said('Only in A', ids('only-a')),
    ...said('Only in B', ids('only-b')),
    ...said('Not done, so without results', undone),
  ].map(line => clip(line, width));
}

/** Two trials' differences in answer to `--json`; a side without a value has no key for it. */
export function diffJson(a: string, b: string, jobs: readonly JobDifference[]): object {
  return { a, b, jobs };
}
