import type { ComponentSpec, JobConfig } from './component.ts';
import type { RawJob } from './grammar.ts';
import type { ConfigPlaces } from './origin.ts';
import type {
  Durability,
  InputBinding,
  Json,
  Need,
  OpOverride,
  PathEdge,
  ReadPath,
  Resources,
  Setting,
  StageName,
  UnnamedWrite,
  WritePath,
} from './plan.ts';

export type ConfigRoot = keyof JobConfig;
export const CONFIG_ROOTS: readonly ConfigRoot[] = ['dj_configs', 'extra_configs'];

/** A path that a job makes, as later jobs may name it. */
export interface Made {
  /** Config key that names the output. */
  write: string;
  /** Absolute. */
  path: string;
  kind: 'file' | 'directory';
  /** Path inside (or beside) the output; '' is the output itself. */
  within: string;
  also?: number;
}

/** A job on its way into the plan; what is in error stays as far as it is known, so that later jobs can be checked too. */
export interface Draft {
  raw: RawJob;
  id: string;
  pipeline: string;
  stage: StageName;
  n: number;
  hook: string;
  metaName: string;
  type: string | null;
  spec: ComponentSpec | null;
  outputs: string[];
  config: JobConfig;
  /** `config` before the component's defaults were filled in. */
  given: JobConfig;
  places: ConfigPlaces;
  /** Configs that are read when the job runs: `config` holds what is expected. */
  late: Set<ConfigRoot>;
  /** Configs of which nothing is known yet. */
  unknown: Set<ConfigRoot>;
  inputs: InputBinding[];
  /** Keys of inputs that are in error. */
  unresolved: string[];
  edges: PathEdge[];
  needs: Need[];
  reads: ReadPath[];
  writes: WritePath[];
  unnamed: UnnamedWrite[];
  made: Made[];
  overrides: OpOverride[];
  settings: Setting[];
  parts: string[] | null;
  resources: Resources;
  cache: boolean;
  onFailure: 'fail' | 'wait';
  durability: Durability;
  /** Something in it is in error. */
  broken: boolean;
}

/** Strings at a config key: of a path, or of each path in a list. */
export function pathsAt(value: Json | undefined, at: string): { at: string; path: string }[] {
  if (typeof value === 'string') return value === '' ? [] : [{ at, path: value }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((each, i) =>
    typeof each === 'string' && each !== '' ? [{ at: `${at}.${i}`, path: each }] : [],
  );
}
