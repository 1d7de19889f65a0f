import type { ComponentRegistry } from './component.ts';
import { JOB_LISTS, STAGES, type StageName } from './plan.ts';

/** A job list of a pipeline. */
export interface JobList {
  stage: StageName;
  /** Its key in a config. */
  key: string;
  /** Of a list that a component brings: the stage that runs before it. */
  after?: string;
}

/** Names of stages that components bring. */
export const JOB_LIST_NAME = /^[a-z][a-z0-9_]*$/;
const LAST: StageName = 'evaluation';

/** Whether a stage is one of the four that are always there, or would take the config key of one. */
export function isReservedStage(stage: string): boolean {
  return Object.hasOwn(JOB_LISTS, stage) || Object.values(JOB_LISTS).includes(keyOf(stage));
}

/** All job lists in the order in which they run: the four, and those that components bring, each behind the stage that it names (default: the last). */
export function jobListsOf(registry: ComponentRegistry): JobList[] {
  const lists: JobList[] = STAGES.map(stage => ({ stage, key: JOB_LISTS[stage] }));
  for (const { jobList } of registry) {
    if (!jobList || lists.some(({ stage }) => stage === jobList.stage)) continue;
    const { stage, after = LAST } = jobList;
    let at = lists.findIndex(list => list.stage === after) + 1 || lists.length;
    while (lists[at]?.after === after) at += 1;
    lists.splice(at, 0, { stage, key: keyOf(stage), after });
  }
  return lists;
}

function keyOf(stage: string): string {
  return `${stage}_job_configs`;
}
