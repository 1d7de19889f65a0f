// A study's table as cells, and as Markdown for its folder and the Web UI. Runs inside workflow code.
import type { StudyTable } from '../protocol.ts';
import { partId } from './places.ts';
import type { JudgedPoint, JudgedStage, OperatorRow, StageKind, Verdict } from './types.ts';

const VERDICTS: Record<Verdict, string> = {
  better: 'better',
  worse: 'worse',
  noise: 'no more than noise',
  unjudged: 'not judged',
};

const HEADS: Record<StageKind, string> = {
  single: 'One stat',
  combined: 'Combinations of the best',
  repeated: 'The best, repeated',
};

/** A number with at most four significant digits. */
export function shortNumber(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(4)));
}

/** What a point is, in words. */
export function pointTitle({ parts, times }: Pick<JudgedPoint, 'parts' | 'times'>): string {
  const what = parts.length === 0 ? 'whole data' : parts.map(partId).join(' ∩ ');
  return times > 1 ? `${what} ×${times}` : what;
}

/** Which operator helps, and which end of it: heads, and a row a stat. */
export function operatorCells(rows: readonly OperatorRow[]): string[][] {
  const heads = ['operator', 'stat', 'low', 'middle', 'high', 'best end', 'verdict'];
  return [
    heads,
    ...rows.map(({ op, stat, ends, best, verdict }) => [
      op,
      stat,
      ...ends.map(gainText),
      best ?? '',
      VERDICTS[verdict],
    ]),
  ];
}

function gainText({ gain, verdict }: OperatorRow['ends'][number]): string {
  if (gain === null) return '';
  const mark = verdict === 'better' ? ' ▲' : verdict === 'worse' ? ' ▼' : '';
  return `${gain > 0 ? '+' : ''}${shortNumber(gain)}${mark}`;
}

export function stageHead({ kind, samples }: Pick<JudgedStage, 'kind' | 'samples'>): string {
  return `${HEADS[kind]}: ${samples} samples a pool`;
}

/** The points of a stage: heads, then the first one, then the best mean first. */
export function stageCells({ points }: JudgedStage): string[][] {
  const heads = ['data', 'samples', 'seeds', 'mean ± deviation', 'gain', 'p', 'p (Holm)', 'verdict'];
  const gain = ({ comparison }: JudgedPoint) => comparison?.gain ?? Number.NEGATIVE_INFINITY;
  const [first, ...others] = points;
  const sorted = others.sort((a, b) => gain(b) - gain(a) || 0);
  return [heads, ...[first, ...sorted].flatMap(point => (point ? [pointCells(point)] : []))];
}

function pointCells(point: JudgedPoint): string[] {
  const { samples, n, mean, deviation, comparison, failed } = point;
  const spread = deviation === null ? '' : ` ± ${shortNumber(deviation)}`;
  return [
    pointTitle(point),
    String(samples),
    failed > 0 ? `${n} (${failed} failed or stopped)` : String(n),
    mean === null ? '' : `${shortNumber(mean)}${spread}`,
    comparison ? shortNumber(comparison.gain) : '',
    shortNumber(comparison?.p ?? null),
    shortNumber(comparison?.adjusted ?? null),
    comparison ? VERDICTS[comparison.verdict] : n === 0 ? 'no objective' : 'reference',
  ];
}

/** What the table is about, in a line. */
export function aboutLine({ spec, total }: Pick<StudyTable, 'spec' | 'total'>): string {
  const { metric, seeds, test, alpha } = spec;
  const samples = total === null ? '' : `, ${total} samples in all`;
  return `${metric.name} (${metric.goal}), seeds ${seeds.join(', ')}${samples}; ${test} test at ${alpha}. A gain above 0 is better than the first row.`;
}

/** The whole table as Markdown; `plain` makes text of the user's harmless. */
export function tableText(table: StudyTable, plain: (text: string) => string = text => text): string {
  const { stages, operators, message, notes, project, experiment, state } = table;
  const markdown = (cells: string[][]) => {
    const [heads, ...rows] = cells.map(row => `| ${row.map(plain).join(' | ')} |`);
    return [heads!, `|${cells[0]!.map(() => ' --- |').join('')}`, ...rows, ''];
  };
  return [
    `${plain(project)} / ${plain(experiment)}: ${state}${message === null ? '' : `: ${plain(message)}`}`,
    '',
    plain(aboutLine(table)),
    '',
    ...(operators.length > 0 ? markdown(operatorCells(operators)) : []),
    ...stages.flatMap(stage => [stageHead(stage), '', ...markdown(stageCells(stage))]),
    ...notes.map(note => `- ${plain(note)}`),
  ].join('\n');
}
