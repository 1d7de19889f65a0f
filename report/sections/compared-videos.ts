import { html, named } from '../html.ts';
import type { RenderOptions, ReportHead } from '../model/report.ts';
import { remark, type Section } from '../section.ts';
import { videosSection } from './videos.ts';

/** So many columns are seen at first. */
const FIRST = 3;

/** Videos of several trials side by side, with a choice of whose are seen; where there are none, `why` says so. */
export function comparedVideos(
  { videos, clips = {}, workDir }: Pick<ReportHead, 'videos' | 'clips' | 'workDir'>,
  { urlOf }: Pick<RenderOptions, 'urlOf'>,
): Section | null {
  const section = videos ? videosSection(videos, { clips, workDir, urlOf }) : null;
  if (!videos || !section) return null;
  const choice = html`<fieldset class="columns" data-columns hidden><legend>Side by side</legend>${videos.columns.map(
    ({ label }, i) =>
      html`<label><input type="checkbox" value="${i}" ${i < FIRST && 'checked'}> ${named(label, 60)}</label> `,
  )}</fieldset>`;
  const isAlone = !videos.columns.some(({ base }) => base);
  return {
    ...section,
    html: html`${isAlone && remark('No job of these trials made videos with the model as it was before training.')}${videos.columns.length > 1 && choice}${section.html}`,
    scripts: [...(section.scripts ?? []), 'columns.js'],
  };
}
