import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Component } from '../../activities/component.ts';
import { writePlan } from '../../activities/runtime/plan-file.ts';
import type { RunServices } from '../../activities/runtime/services.ts';
import type { Plan, PlanJob } from '../../plan/plan.ts';
import type { JobRef } from '../../plan/protocol.ts';

/** A component that publishes one value, unless told otherwise. */
export function testComponent(more: Partial<Component> = {}): Component {
  return {
    name: 'test.job',
    hook: 'TestHook',
    version: 1,
    summary: '',
    resources: { tag: 'cpu', gpus: 0 },
    claims: false,
    cacheable: true,
    config: {},
    reads: [],
    writes: [],
    results: [{ value: 'score' }],
    run: async () => ({ results: [{ value: 1 }] }),
    ...more,
  };
}

/** A plan of one job in a new folder, and the reference by which an activity would get it. */
export async function jobOnDisk(
  more: Partial<PlanJob> = {},
  trial = 't',
): Promise<{ workDir: string; dir: string; ref: JobRef; plan: Plan }> {
  const workDir = await mkdtemp(join(tmpdir(), 'job-'));
  const job: PlanJob = {
    id: 'p.1-a',
    pipeline: 'p',
    stage: 'execution',
    n: 1,
    hook: 'TestHook',
    metaName: 'a',
    type: null,
    component: 'test.job',
    componentVersion: 1,
    resources: { tag: 'cpu', gpus: 0 },
    claims: false,
    cache: true,
    onFailure: 'fail',
    config: { dj_configs: null, extra_configs: null },
    inputs: [],
    edges: [],
    needs: [],
    reads: [],
    writes: [],
    outputs: ['score'],
    overrides: [],
    parts: null,
    key: 'k',
    ...more,
  };
  const plan: Plan = {
    version: 1,
    projectName: 'project',
    experimentName: 'experiment',
    workDir,
    baseDir: workDir,
    maxIterNum: 1,
    iterTargets: [],
    iterTargetsMode: 'all',
    iterUpdater: [],
    iteration: 1,
    notes: [],
    sources: [],
    pipelines: [{ name: job.pipeline, stages: [{ name: 'execution', jobs: [job] }] }],
  };
  const ref: JobRef = {
    plan: await writePlan(join(workDir, 'plan.json'), plan),
    job: job.id,
    trial: { id: trial, runId: `run-of-${trial}` },
  };
  return { workDir, dir: join(workDir, 'jobs', job.key ?? ''), ref, plan };
}

/** Surroundings of a job outside Temporal. */
export function services(more: Partial<RunServices> = {}): RunServices {
  return {
    registry: [],
    signal: new AbortController().signal,
    progress: () => {},
    program: () => Promise.reject(new Error('this component starts no program')),
    alone: (_, work) => work(),
    holdClaim: async () => {},
    at: () => {},
    ...more,
  };
}
