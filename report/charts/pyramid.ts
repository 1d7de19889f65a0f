import { partId } from '../../plan/study/places.ts';
import { pointTitle, shortNumber } from '../../plan/study/table-text.ts';
import type { JudgedPoint } from '../../plan/study/types.ts';
import type { StudyModel } from '../model/study.ts';
import type { Chart } from '../section.ts';
import { chartText } from './chart-text.ts';
import { shortTitle, VERDICTS } from './effects.ts';

/** A pool in the pyramid: the more stats it is of, the higher it stands. */
interface Stone {
  point: JudgedPoint;
  level: number;
  /** Samples before it is brought to the size of its stage; null: not known. */
  rows: number | null;
  /** Stones that it is made of. */
  of: string[];
}

const LEVELS = ['whole data', 'one stat', 'two stats', 'three stats', 'four stats', 'five stats', 'six stats'];
/** More names beside one another run into each other: then those are named that something is made of. */
const MOST_NAMED = 9;

/** Pools as a pyramid: the whole data at the bottom, pools of one stat, their intersections, and the repeated winner on top. Null: there are none. */
export function pyramidChart({ table, rows }: Pick<StudyModel, 'table' | 'rows'>): Chart | null {
  const stones = table ? stonesOf(table, rows) : [];
  if (!table || stones.length < 2) return null;
  const levels = [...new Set(stones.map(({ level }) => level))].sort((a, b) => a - b);
  const used = new Set(stones.flatMap(({ of }) => of));
  const width = 1_000;
  const nodes = levels.flatMap((level, storey) => {
    const here = stones.filter(stone => stone.level === level);
    return here.map((stone, i) => {
      const { point, rows } = stone;
      const verdict = point.comparison?.verdict ?? 'unjudged';
      const isNamed = here.length <= MOST_NAMED || used.has(idOf(point));
      return {
        name: idOf(point),
        x: (width * (i + 1)) / (here.length + 1),
        y: -120 * storey,
        symbolSize: sizeOf(rows ?? point.samples, table.total ?? point.samples),
        itemStyle: {
          color: point.comparison ? (point.comparison.gain > 0 ? 'var(--c1)' : 'var(--c2)') : 'var(--line-strong)',
          opacity: verdict === 'better' || verdict === 'worse' ? 1 : 0.55,
          borderColor: 'var(--ink)',
          borderWidth: table.winner?.id === point.id && point.times === 1 ? 3 : 0,
        },
        label: {
          show: isNamed,
          formatter:
            `${shortTitle(point).replaceAll(' ∩ ', '\n∩ ')}${point.comparison ? `\n${signed(point.comparison.gain)}` : ''}`.replaceAll(
              '{',
              '(',
            ),
        },
        tip: tipOf(stone),
      };
    });
  });
  const links = stones.flatMap(({ point, of }) => of.map(source => ({ source, target: idOf(point) })));
  const storeys = levels.length;
  return {
    id: 'pyramid',
    title: 'The pyramid of pools',
    option: {
      tooltip: { trigger: 'item', formatter: '@tipTooltip' },
      series: [
        {
          type: 'graph',
          layout: 'none',
          left: 96,
          right: 96,
          top: 32,
          bottom: 56,
          roam: false,
          cursor: 'default',
          emphasis: { focus: 'adjacency' },
          label: {
            position: 'bottom',
            color: 'var(--ink)',
            opacity: 1,
            fontSize: 11,
            lineHeight: 14,
            textBorderColor: 'var(--paper)',
            textBorderWidth: 3,
          },
          lineStyle: { color: 'var(--line-strong)', width: 1.5, curveness: 0 },
          data: nodes,
          links,
        },
      ],
      media: [{ query: { maxWidth: 560 }, option: { series: [{ left: 40, right: 40, label: { fontSize: 9 } }] } }],
    },
    label: `${stones.length} pools in ${storeys} storeys: ${levels.map(level => `${stones.filter(stone => stone.level === level).length} of ${levelName(level)}`).join(', ')}.`,
    note: `From below: ${levels.map(levelName).join(', ')}. Blue: better than the whole data of its size (repetitions: than the pool once), orange: worse; pale: by no more than noise. The larger, the more samples it has. Thick line: the winner.`,
    height: 90 + 110 * storeys,
  };
}

/** The same pool in two stages is two stones: they are compared at different sizes. */
const idOf = ({ id, samples, times }: JudgedPoint) => `pool ${id} ${samples / times}`;
const levelName = (level: number) => (level === 99 ? 'repeated' : (LEVELS[level] ?? `${level} stats`));
const signed = (value: number) => `${value > 0 ? '+' : ''}${shortNumber(value)}`;

function stonesOf(table: NonNullable<StudyModel['table']>, rows: StudyModel['rows']): Stone[] {
  const [single, ...later] = table.stages;
  if (!single) return [];
  const byParts = new Map(single.points.slice(1).map(point => [partId(point.parts[0]!), idOf(point)]));
  const [whole] = single.points;
  const base: Stone[] = single.points.map((point, i) => ({
    point,
    level: i === 0 ? 0 : 1,
    rows: i === 0 ? table.total : (table.parts.find(part => partId(part) === partId(point.parts[0]!))?.rows ?? null),
    of: i === 0 || !whole ? [] : [idOf(whole)],
  }));
  const higher = later.flatMap(({ kind, points }) =>
    points.slice(1).flatMap((point): Stone[] => {
      const of = point.parts.flatMap(part => byParts.get(partId(part)) ?? []);
      if (kind === 'repeated') return [{ point, level: 99, rows: point.samples, of: originOf(point, later, of) }];
      // A single pool at the size of the combinations is no stone of its own.
      return point.parts.length < 2
        ? []
        : [{ point, level: point.parts.length, rows: rows[point.id]?.rows ?? null, of }];
    }),
  );
  return [...base, ...higher];
}

/** What a repeated pool is repeated of: a combination, where there is one of those parts. */
function originOf(
  { parts }: JudgedPoint,
  stages: NonNullable<StudyModel['table']>['stages'],
  single: string[],
): string[] {
  if (parts.length < 2) return single;
  const same = stages
    .find(({ kind }) => kind === 'combined')
    ?.points.find(
      point =>
        point.parts.length === parts.length && point.parts.every((part, i) => partId(part) === partId(parts[i]!)),
    );
  return same ? [idOf(same)] : single;
}

/** Areas are as the numbers of samples, but for the smallest, which must be seen. */
const sizeOf = (rows: number, total: number) =>
  Math.round(Math.max(12, 56 * Math.sqrt(Math.min(1, rows / Math.max(1, total)))));

function tipOf({ point, rows }: Stone): string[] {
  const { comparison, samples, times } = point;
  return [
    chartText(pointTitle(point), 120),
    ...(rows === null ? [] : [`${rows} samples`]),
    `trained on ${samples}${times > 1 ? `, each ${times} times` : ''}`,
    ...(comparison ? [`gain ${shortNumber(comparison.gain)}, ${VERDICTS[comparison.verdict].words}`] : []),
  ];
}
