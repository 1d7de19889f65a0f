import type { Followed } from '../follow.ts';
import { observeStudy, observeStudyOrWait, type StudySnapshot, studyStateOf } from './observe-study.ts';
import { StudyPlainView } from './study-plain-view.ts';
import { studyJson, studyLines, studySummaryLines } from './study-view.ts';

export const followedStudy: Followed<StudySnapshot> = {
  name: 'study',
  stop: 'dj-sandbox study stop',
  observe: observeStudy,
  observeOrWait: observeStudyOrWait,
  live: studyLines,
  plain: () => new StudyPlainView(),
  every: 1_000,
  summary: studySummaryLines,
  state: studyStateOf,
  json: studyJson,
};
