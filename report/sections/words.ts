// Pieces of sentences that several sections of a sweep's report share.
import { valueText } from '../../plan/sweep/point-text.ts';
import type { TrialStatus } from '../../plan/sweep/types.ts';
import { figure, type Origin, origin } from '../figure.ts';
import { type Html, html, named } from '../html.ts';
import type { ReportedTrial, SweepModel } from '../model/sweep.ts';

const BADGES: Record<TrialStatus, string> = {
  done: 'good',
  failed: 'bad',
  running: 'busy',
  waiting: 'busy',
  stopped: '',
};

export const badge = (status: TrialStatus): Html => html`<span class="badge ${BADGES[status]}">${status}</span>`;

/** A trial's name, as a link where it has a page. */
export function trialLink(
  { id, trial }: Pick<ReportedTrial, 'id' | 'trial'>,
  pageOf: (id: string) => string | null,
  word = 'trial',
): Html {
  const page = pageOf(id);
  return page === null ? html`${word} ${trial}` : html`<a href="${page}">${word} ${trial}</a>`;
}

export const objectiveOrigin = (
  { ledger }: Pick<SweepModel, 'ledger'>,
  { lines }: ReportedTrial,
  index: number,
): Origin => origin(ledger.file, lines.end ?? 0, 'objectives', index);

/** An objective as the ledger has it. */
export const objective = (model: Pick<SweepModel, 'ledger'>, trial: ReportedTrial, index = 0): Html =>
  figure(trial.objectives[index] ?? null, objectiveOrigin(model, trial, index));

/** A value that the config was given: a number is traced to the ledger, a text is shortened. */
export function pointValue(
  { ledger }: Pick<SweepModel, 'ledger'>,
  { point, lines }: ReportedTrial,
  name: string,
): Html {
  if (!Object.hasOwn(point, name)) return html``;
  const value = point[name];
  if (typeof value === 'number') return figure(value, origin(ledger.file, lines.suggest, 'point', name));
  return named(valueText(value), 60);
}

/** `1 trial`, `7 trials`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;

/** `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
