import { decisionText } from '../../../plan/sweep/decision-text.ts';
import { valueText } from '../../../plan/sweep/point-text.ts';
import type { Distribution } from '../../../plan/sweep/types.ts';
import { html, named } from '../../html.ts';
import type { SweepModel } from '../../model/sweep.ts';
import { facts, remark, type Section, table } from '../../section.ts';

const MOST_DECISIONS = 2_000;

/** What the sweep was asked to do, what was changed by hand, and everything that it decided. */
export function setupSection({ spec, ledger }: SweepModel): Section {
  const { sampler, seed, concurrency, budget, earlyTerminate, metrics, space } = spec;
  const limits = [
    ...(budget.runCap === null ? [] : [`${budget.runCap} trials`]),
    ...(budget.maxHours === null ? [] : [`${budget.maxHours} hours`]),
    ...(budget.patience === null ? [] : [`${budget.patience} trials without a better one`]),
    ...(budget.maxFailures === null ? [] : [`${budget.maxFailures} failures`]),
  ];
  const steered = ledger.decisions.filter(({ kind }) => kind === 'steer');
  const decisions = ledger.decisions.slice(0, MOST_DECISIONS);
  const decided = (list: typeof ledger.decisions) =>
    list.map(one => [
      html`<time datetime="${one.t}">${one.t.slice(0, 19).replace('T', ' ')}</time>`,
      named(decisionText(one), 400),
    ]);
  const content = html`${facts([
    ['Sampler', sampler],
    [
      'Objective',
      named(
        metrics
          .map(({ name, goal, target }) => `${name}, ${goal}d${target === null ? '' : `, target ${target}`}`)
          .join('; '),
        300,
      ),
    ],
    ['Ends early', earlyTerminate ? earlyTerminate.type : 'no'],
    ['Limits', limits.length > 0 ? limits.join(', ') : 'none'],
    ['At once', String(concurrency)],
    ['Seed', String(seed)],
  ])}
${table({
  caption: 'What was varied',
  columns: [{ title: 'parameter' }, { title: 'distribution' }],
  rows: space.map(({ name, distribution }) => [named(name, 200), named(distributionWords(distribution), 200)]),
})}
${steered.length > 0 && table({ caption: 'Changed by hand while it ran', columns: [{ title: 'when (UTC)' }, { title: 'what' }], rows: decided(steered) })}
<details><summary>All ${ledger.decisions.length} lines of the ledger (<code>${ledger.file}</code>)</summary>
<div class="tall">${table({ caption: 'What the sweep was told and what it decided', quiet: true, columns: [{ title: 'when (UTC)' }, { title: 'what' }], rows: decided(decisions) })}</div>
${ledger.decisions.length > decisions.length && remark(`${ledger.decisions.length - decisions.length} more are in the file.`)}
</details>`;
  return { id: 'setup', title: 'What was asked, and what was decided', html: content, charts: [] };
}

/** `uniform, 0 to 1`; `one of 1, 2, 3`. */
function distributionWords(distribution: Distribution): string {
  switch (distribution.kind) {
    case 'constant':
      return `always ${valueText(distribution.value)}`;
    case 'categorical':
      return `one of ${distribution.values.map(valueText).join(', ')}`;
    case 'categorical_w_probabilities':
      return `one of ${distribution.values.map((value, i) => `${valueText(value)} (${distribution.probabilities[i]})`).join(', ')}`;
    default: {
      const { kind, ...rest } = distribution;
      return `${kind}: ${Object.entries(rest)
        .map(([name, value]) => `${name} ${valueText(value)}`)
        .join(', ')}`;
    }
  }
}
