import type { z } from 'zod';
import type { ComponentSpec } from '../../plan/component.ts';
import type { Json, JsonObject, PlanJob } from '../../plan/plan.ts';
import { applySchema } from '../../plan/schema.ts';
import type { Component, JobResult, JobRun } from '../component.ts';
import { JobFailure } from '../runtime/failure.ts';

/** Absent: the component has no schema for that config, and gets it as it is. */
type Schema = z.ZodType | undefined;
type Parsed<S extends Schema> = S extends z.ZodType ? z.output<S> : JsonObject | null;

/** A run whose configs have been parsed by the component's own schemas. */
export interface OwnRun<Dj extends Schema, Extra extends Schema> extends Omit<JobRun, 'config'> {
  config: { dj_configs: Parsed<Dj>; extra_configs: Parsed<Extra> };
}

type Named = Pick<ComponentSpec, 'name' | 'hook' | 'summary' | 'results'>;

/** What has to be said of a component of one's own; the rest has a usual value. */
export interface OwnComponent<Dj extends Schema, Extra extends Schema>
  extends Named,
    Partial<Omit<ComponentSpec, keyof Named | 'config'>> {
  /** Zod schemas of `dj_configs` and `extra_configs`. */
  config?: { dj?: Dj; extra?: Extra };
  run: (run: OwnRun<Dj, Extra>) => Promise<JobResult>;
  /** Runs one part; what it returns reaches `run` as `parts[part]`. */
  runPart?: (run: OwnRun<Dj, Extra>, part: string) => Promise<Json>;
}

/**
 * Declares a component of one's own: `run` gets its configs as its zod schemas parse them, and has their types. Not said otherwise, it is a cacheable
 * job of version 1 on queue `cpu` that reads and writes no paths; one that asks for GPUs claims a host.
 */
export function defineComponent<Dj extends Schema = undefined, Extra extends Schema = undefined>({
  config = {},
  run,
  runPart,
  ...spec
}: OwnComponent<Dj, Extra>): Component {
  const typed = (given: JobRun) => ({ ...given, config: parsed(config, given) }) as OwnRun<Dj, Extra>;
  const resources = spec.resources ?? { tag: 'cpu', gpus: 0 };
  return {
    version: 1,
    claims: resources.gpus > 0,
    cacheable: true,
    reads: [],
    writes: [],
    ...spec,
    resources,
    config,
    run: async given => await run(typed(given)),
    ...(runPart && { runPart: async (given: JobRun, part: string) => await runPart(typed(given), part) }),
  };
}

/** @throws JobFailure where what an earlier job gave does not fit the schema: nobody could check that before. */
function parsed({ dj, extra }: { dj?: Schema; extra?: Schema }, { job, config }: JobRun): PlanJob['config'] {
  return {
    dj_configs: parsedBy(dj, config.dj_configs, `${job.id}: dj_configs`),
    extra_configs: parsedBy(extra, config.extra_configs, `${job.id}: extra_configs`),
  };
}

function parsedBy(schema: Schema, given: JsonObject | null, what: string): JsonObject | null {
  if (!schema) return given;
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data as JsonObject;
  const { problems } = applySchema(schema, given ?? {}, () => false);
  throw new JobFailure(problems.map(({ at, message }) => `${what}${at && `.${at}`}: ${message}`).join('; '));
}
