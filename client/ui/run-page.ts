// The page of a run: its report, made when somebody asks for it, and what changes while it goes on.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestPath } from '../../activities/runtime/job-dir.ts';
import { safeName } from '../../activities/runtime/safe-name.ts';
import { supervisorFiles } from '../../activities/runtime/supervisor-files.ts';
import { runFolders } from '../../report/collect/job-runs.ts';
import { jobRecords, readTrialRecord } from '../../report/collect/trial-record.ts';
import { html, named } from '../../report/html.ts';
import { collectReport, renderReport } from '../../report/index.ts';
import type { ServerSays } from '../../report/model/report.ts';
import type { ClipWish } from '../../report/model/trial.ts';
import { facts, remark } from '../../report/section.ts';
import { banner, LIVE_SCRIPTS, moment, plainPage, stateBadge } from './layout.ts';
import { isOver, nameOf } from './list-query.ts';
import { nowPanel } from './now-panel.ts';
import { filePath, runPath } from './places.ts';
import { type RunNow, runNow, type Said } from './run-now.ts';
import type { Look, SeenRun } from './runs.ts';
import { clipPath, type SeenClips } from './seen-clips.ts';

const MOST_KEPT = 16;

/** Pages of runs, each kept until one of the files that it was made from changes. */
export class RunPages {
  readonly #clips: SeenClips;
  readonly #kept = new Map<string, { of: string; page: Promise<string> }>();

  constructor(clips: SeenClips) {
    this.#clips = clips;
  }

  /** The page of a run; `said`: what the server says of it. */
  async page(look: Look, run: SeenRun, said: Said | null, at: number): Promise<string> {
    const now = await runNow(look, run, said);
    if (run.workDir === null) return elsewherePage(look, now, said, at);
    // What changes by the second is asked for again by the page itself.
    const of = JSON.stringify([await filesOf(look, run), run.state, run.closedAt, look.server, look.places]);
    const name = nameOf(run);
    const kept = this.#kept.get(name);
    if (kept?.of === of) return await kept.page;
    const page = reportPage(look, run, now, said, at, this.#clips);
    this.#keep(name, { of, page });
    try {
      return await page;
    } catch (error) {
      this.#kept.delete(name);
      throw error;
    }
  }

  #keep(name: string, made: { of: string; page: Promise<string> }): void {
    this.#kept.delete(name);
    this.#kept.set(name, made);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }
}

async function reportPage(
  look: Look,
  run: SeenRun,
  now: RunNow,
  said: Said | null,
  at: number,
  clips: SeenClips,
): Promise<string> {
  const workDir = run.workDir!;
  const pages = pagesOf(look, run);
  try {
    const seeClips = (wishes: readonly ClipWish[]) => clips.see(wishes);
    const model = await collectReport({
      id: run.id,
      workDir,
      now: at,
      said: saysOf(run, said),
      table: said?.table ?? null,
      seeClips,
    });
    if (!model) return unreadablePage(look, run, now, at, 'they are none of a kind that reports know');
    return renderReport(model, {
      urlOf: file => {
        const converted = model.clips?.[join(workDir, file)]?.converted;
        return converted ? clipPath(converted) : filePath(run.place, file);
      },
      pageOf: id => pages.get(id) ?? null,
      live: true,
      banner: runBanner(look, run, now, at),
      scripts: LIVE_SCRIPTS,
    });
  } catch (error) {
    // Somebody's editing, or a disk that gave up: the page says so, and what runs is still to be seen.
    return unreadablePage(look, run, now, at, error instanceof Error ? error.message : String(error));
  }
}

/** Addresses of the runs of its work_dir, by id. */
const pagesOf = ({ runs }: Look, run: SeenRun) =>
  new Map(runs.filter(({ place }) => place === run.place).map(({ id }) => [id, runPath(run.place, id)]));

function saysOf({ onServer, state, startedAt, closedAt }: SeenRun, said: Said | null): ServerSays | null {
  return onServer ? { state, message: said?.message ?? null, startedAt, closedAt } : null;
}

function runBanner(look: Look, run: SeenRun, now: RunNow, at: number) {
  const panel = isOver(run.state) ? null : nowPanel(now, at);
  const parent = look.runs.find(({ place, id }) => place === run.place && id === run.parent);
  const links = html`<nav class="of-run" aria-label="This run">${parent && html`<a href="${runPath(parent.place, parent.id)}">${parent.kind} ${named(parent.id, 60)}</a>`}${run.kind !== 'trial' && html`<a href="/?of=${encodeURIComponent(nameOf(run))}&amp;sort=objective">its trials</a>`}${run.kind === 'trial' && run.workDir !== null && html`<a href="${runPath(run.place, run.id, 'logs')}">logs</a><a href="/compare?run=${encodeURIComponent(nameOf(run))}">compare</a>`}</nav>`;
  return banner(look, html`${links}${panel?.html}`, panel?.charts ?? []);
}

/** A run whose files no work_dir has that is looked at: what the server says of it. */
function elsewherePage(look: Look, now: RunNow, said: Said | null, at: number): string {
  const { run } = now;
  const where =
    said?.workDir == null
      ? 'Its files are in no work_dir that this page looks at; name theirs with `dj-sandbox ui --work-dir FOLDER`.'
      : `Its files are in ${said.workDir}. This page does not look there: start it with \`dj-sandbox ui --work-dir ${said.workDir}\` on a machine that has them.`;
  return bare(look, run, now, at, where);
}

const unreadablePage = (look: Look, run: SeenRun, now: RunNow, at: number, why: string) =>
  bare(look, run, now, at, `No report can be made of its files in ${run.workDir}: ${why}`);

function bare(look: Look, run: SeenRun, now: RunNow, at: number, why: string): string {
  const panel = isOver(run.state) ? null : nowPanel(now, at);
  return plainPage(look, {
    title: named(run.id),
    tab: run.id,
    below: html`${panel?.html}`,
    charts: panel?.charts ?? [],
    section: {
      id: 'run',
      title: `A ${run.kind}`,
      html: html`${facts([
        ['State', stateBadge(run.state)],
        ['Project', named(run.project || '–')],
        ['Experiment', named(run.experiment || '–')],
        ['Started (UTC)', moment(run.startedAt)],
        ['Ended (UTC)', run.closedAt === null ? null : moment(run.closedAt)],
      ])}${isOver(run.state) && now.message !== null && remark(named(now.message, 2_000), run.state === 'failed' ? 'problem' : 'note')}${remark(named(why, 2_000))}`,
    },
  });
}

/** When the files were written that a run's report is made from. */
async function filesOf(look: Look, run: SeenRun): Promise<string> {
  const workDir = run.workDir!;
  if (run.kind === 'trial') return await trialFiles(workDir, run.id);
  const folder = run.kind === 'sweep' ? 'sweeps' : 'studies';
  const own = ['', 'decisions.jsonl', 'study.json'].map(name => written(join(workDir, folder, safeName(run.id), name)));
  const trials = look.runs.filter(({ place, parent }) => place === run.place && parent === run.id);
  const theirs: string[] = [];
  for (const { id, state } of trials) {
    // Nobody writes to the jobs of one that has ended.
    const files = isOver(state) ? written(join(workDir, 'trials', safeName(id))) : trialFiles(workDir, id);
    theirs.push(`${id} ${state} ${await files}`);
  }
  return [...(await Promise.all(own)), ...theirs].join('\n');
}

async function trialFiles(workDir: string, id: string): Promise<string> {
  const record = await readTrialRecord(workDir, id);
  if (!record) return '';
  const plans = record.plans.map(({ path, writtenAt }) => `${path} ${writtenAt}`);
  const jobs = await Promise.all((await jobRecords(record)).map(each => jobFiles(each.dir, each.manifest !== null)));
  return [...plans, await written(record.dir), ...jobs].join('\n');
}

async function jobFiles(dir: string, isDone: boolean): Promise<string> {
  if (isDone) return await written(manifestPath(dir));
  const folders = await runFolders(dir);
  const times = folders.flatMap(({ path }) => [written(path), written(supervisorFiles(path).metrics)]);
  return (await Promise.all(times)).join(' ');
}

async function written(path: string): Promise<string> {
  return await stat(path).then(
    ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
    () => '-',
  );
}
