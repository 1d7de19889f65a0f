// The server's addresses and what is at each.
import { type Context, Hono } from 'hono';
import { assetText } from '../../report/assets.ts';
import { html, named } from '../../report/html.ts';
import { comparePage } from './compare-page.ts';
import { answerFrom, fileAnswer } from './file-answer.ts';
import { type GuardOptions, guard } from './guard.ts';
import { etagOf, plainPage } from './layout.ts';
import { listFragment, listPage } from './list-page.ts';
import { readListQuery } from './list-query.ts';
import { logsPage, logText, readLogQuery } from './logs-page.ts';
import { nowFragment } from './now-panel.ts';
import { runNow, type Said } from './run-now.ts';
import { RunPages } from './run-page.ts';
import type { Runs, SeenRun } from './runs.ts';
import { SeenClips } from './seen-clips.ts';

export interface UiOptions extends GuardOptions {
  runs: Runs;
  /** What the server says of a run; null: it was not asked, or does not answer. */
  say: (run: SeenRun) => Promise<Said | null>;
  clips?: SeenClips;
  now?: () => number;
}

const HTML = { 'Content-Type': 'text/html; charset=utf-8' };
const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Everything that `dj-sandbox ui` answers; it only reads. */
export function uiApp({ runs, say, host, clips = new SeenClips(), now = Date.now }: UiOptions): Hono {
  const app = new Hono();
  const pages = new RunPages(clips);
  app.use('*', guard({ host }));

  app.get('/', async c => answer(c, listPage(await runs.look(), readListQuery(searchOf(c)), now())));
  app.get('/list', async c => answer(c, listFragment(await runs.look(), readListQuery(searchOf(c)), now())));
  app.get('/compare', async c => {
    const search = searchOf(c);
    return answer(c, await comparePage(await runs.look(), search.getAll('run'), search.has('all')));
  });

  app.get('/runs/:place/:id', async c => {
    const run = await found(c);
    return run ? answer(c, await pages.page(await runs.look(), run, await say(run), now())) : await nothing(c);
  });
  app.get('/runs/:place/:id/now', async c => {
    const run = await found(c);
    if (!run) return await nothing(c);
    return answer(c, nowFragment(await runNow(await runs.look(), run, await say(run)), now()));
  });
  app.get('/runs/:place/:id/logs', async c => {
    const run = await found(c);
    return run ? answer(c, await logsPage(await runs.look(), run, readLogQuery(searchOf(c)))) : await nothing(c);
  });
  for (const [path, as] of [
    ['log', 'html'],
    ['log.txt', 'text'],
  ] as const)
    app.get(`/runs/:place/:id/${path}`, async c => {
      const run = await found(c);
      const text = run && (await logText(run, readLogQuery(searchOf(c)), as));
      return text === null ? await nothing(c) : answer(c, text, as === 'html' ? HTML : TEXT);
    });

  app.get('/files/:place/*', async c => {
    const place = (await runs.places()).find(({ key }) => key === c.req.param('place'));
    const path = new URL(c.req.url).pathname.split('/').slice(3).join('/');
    const file = place && (await fileAnswer(place.workDir, path, c.req.raw.headers));
    return file ?? (await nothing(c));
  });
  app.get('/clips/:name', async c => {
    const folder = await clips.folder();
    const name = c.req.param('name');
    const file = folder && !/[/\\]/.test(name) ? await answerFrom(folder, [name], c.req.raw.headers) : null;
    return file ?? (await nothing(c));
  });
  app.get('/assets/:name', async c => {
    const name = c.req.param('name');
    const text = assetText(name);
    const type = name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
    return text === null ? await nothing(c) : answer(c, text, { 'Content-Type': type });
  });

  const found = async (c: Context) => await runs.find(c.req.param('place') ?? '', c.req.param('id') ?? '');
  const nothing = async (c: Context) => {
    const asked = decoded(new URL(c.req.url).pathname);
    const section = {
      id: 'nothing',
      title: 'There is nothing at this address',
      html: html`<p>${named(asked, 200)} is no page, or no run, file or log that is here now. <a href="/">All runs</a></p>`,
    };
    return c.html(plainPage(await runs.look(), { title: 'Not found', tab: 'Not found', section }), 404);
  };
  app.notFound(nothing);
  app.onError((error, c) => {
    process.stderr.write(`dj-sandbox ui: ${c.req.path}: ${error.stack ?? error.message}\n`);
    return c.text('This page could not be made. What went wrong stands where `dj-sandbox ui` runs.\n', 500);
  });
  return app;
}

const searchOf = (c: Context) => new URL(c.req.url).searchParams;

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A text that a browser need not be sent twice. */
function answer(c: Context, text: string, headers: Record<string, string> = HTML): Response {
  const etag = etagOf(text);
  if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers: { ETag: etag } });
  return new Response(text, { headers: { ...headers, ETag: etag } });
}
