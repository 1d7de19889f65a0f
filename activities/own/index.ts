// What `import … from 'dj-sandbox'` gives to whoever writes components; see docs/own-components.md.

export { z } from 'zod';
export type { ComponentSpec, JobConfig, ReadField, WriteField } from '../../plan/component.ts';
export { ENVIRONMENT_NOT_IN_KEY, ENVIRONMENT_READS, environmentKeys } from '../../plan/environment.ts';
export type { Manifest } from '../../plan/manifest.ts';
export type { Json, JsonObject } from '../../plan/plan.ts';
export type { Component, JobResult, JobRun } from '../component.ts';
export { writeAtomically } from '../runtime/atomic.ts';
export type { Environment, EnvironmentChoice } from '../runtime/environments/environment.ts';
export { JobFailure } from '../runtime/failure.ts';
export type { Checkpoints, LogPattern, ProgramEnd, ProgramSpec, Restarts } from '../runtime/program-spec.ts';
export type { Progress } from '../runtime/progress.ts';
export { defineComponent, type OwnComponent, type OwnRun } from './define-component.ts';
