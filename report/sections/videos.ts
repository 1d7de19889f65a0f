import { join } from 'node:path';
import { clipped, type Html, html, named } from '../html.ts';
import type { RenderOptions } from '../model/report.ts';
import type { Clip, VideoWall } from '../model/trial.ts';
import { remark, type Section } from '../section.ts';

export interface VideosOptions extends Pick<RenderOptions, 'urlOf'> {
  clips: Readonly<Record<string, Clip>>;
  workDir: string;
}

/** Videos side by side, a row a prompt; each row plays together. Null where there are none. */
export function videosSection(wall: VideoWall, options: VideosOptions): Section | null {
  if (wall.rows.length === 0) return null;
  const converted = Object.values(options.clips).filter(clip => clip.converted !== null).length;
  const text = html`<p>What was made for the same prompt and seed stands side by side. A row plays together; in it <kbd>k</kbd> plays and pauses, <kbd>←</kbd> and <kbd>→</kbd> step.</p>
${converted > 0 && remark(`${converted} ${converted === 1 ? 'video is' : 'videos are'} in a codec that browsers do not play: shown is a conversion to VP9, made for this report.`)}
${wall.more > 0 && remark(`${wall.more} more prompts are left out of this page.`)}
<div class="wall" data-wall>
<p class="wall-bar"><button type="button" data-play-all>Play all in view</button> <label class="control">speed <select data-rate><option value="0.25">¼</option><option value="0.5">½</option><option value="1" selected>1</option><option value="2">2</option></select></label></p>
<div class="wall-rows" style="--videos:${String(wall.columns.length)}">${wall.rows.map((row, i) => rowHtml(row, wall, i, options))}</div>
</div>`;
  return { id: 'videos', title: 'Generated videos', html: text, charts: [] };
}

function rowHtml(row: VideoWall['rows'][number], { columns }: VideoWall, i: number, options: VideosOptions): Html {
  const about = [
    row.sample === null ? null : `sample ${row.sample}`,
    row.seed === null ? null : `seed ${String(row.seed)}`,
  ]
    .filter(Boolean)
    .join(', ');
  return html`<div class="row" data-videos role="group" aria-labelledby="row-${i}" tabindex="0">
<p class="prompt" id="row-${i}">${named(row.prompt, 200)}${about !== '' && html` <span class="at">${about}</span>`}</p>
<div class="row-videos">${columns.map((column, n) => videoHtml(row.files[n] ?? null, clipped(`${column.label}: ${row.prompt}`, 200), column.label, options))}</div>
<p class="row-bar"><button type="button" data-play aria-pressed="false">Play</button> <label class="control"><span class="unseen">Position of all videos of ${named(row.prompt, 60)}</span><input type="range" data-seek min="0" max="1" step="0.01" value="0"></label></p>
</div>`;
}

function videoHtml(file: string | null, title: string, label: string, { clips, workDir, urlOf }: VideosOptions): Html {
  const clip = file === null ? undefined : clips[join(workDir, file)];
  const url = file === null ? null : urlOf(file);
  const problem = file === null ? 'not made' : (clip?.problem ?? (url === null ? 'not in this report' : null));
  const shape = clip?.width && clip.height ? `${clip.width} / ${clip.height}` : '1 / 1';
  return html`<figure class="video"><figcaption>${named(label, 40)}</figcaption>${
    problem !== null
      ? html`<p class="no-clip">${problem}</p>`
      : html`<video src="${url}" ${clip?.poster && html`poster="${clip.poster}"`} muted playsinline preload="metadata" aria-label="${title}" style="aspect-ratio:${shape}"></video>`
  }</figure>`;
}
