// The config keys by which a job says in which Python environment its program runs (docs/environments.md).
import { z } from 'zod';
import type { ReadField } from './component.ts';
import { setAt } from './dotted.ts';
import type { JsonObject, PlanJob } from './plan.ts';

/** Managers of environments. */
export const MANAGERS = ['conda', 'mamba', 'venv', 'virtualenv', 'uv'] as const;

/** What in `requirements` names a file or folder; anything else is a requirement in pip's own words. */
export const REQUIREMENTS_PATH = /^(?:[^@:\s]*\/[^@]*|[^@/\s]+\.(?:txt|in|whl|zip|gz))$/;

const requirement = z.string().regex(/^[^-\s][^\r\n]*$/);

/** Keys of every component whose program runs in an environment that the config may choose. */
export const environmentKeys = {
  env_name: z
    .string()
    .nullish()
    .describe('Name of a conda environment, or folder of any; with `requirements` what the one that is made is called'),
  env_manager: z.enum(MANAGERS).nullish().describe('Whose environment it is; default conda'),
  env_params: z
    .strictObject({
      env_config_path: z.string().nullish().describe('A conda environment.yml, of which one is made'),
      env_py_version: z
        .string()
        .regex(/^\d+(?:\.\d+){0,2}$/)
        .nullish()
        .describe("Version of Python of one that is made, in quotes: '3.10'"),
    })
    .nullish(),
  requirements: z
    .union([z.string().regex(REQUIREMENTS_PATH), z.array(requirement)])
    .nullish()
    .describe(
      'What an environment is made of: a requirements file, the folder of a package, or a list of requirements',
    ),
  env_network: z
    .boolean()
    .nullish()
    .describe('Whether the job may make its environment with the network; default false'),
};

const REQUIREMENTS = 'extra_configs.requirements';
const CONFIG_FILE = 'extra_configs.env_params.env_config_path';

/** What decides results of them: to be added to the component's own `reads`. The folder of an environment counts by its place. */
export const ENVIRONMENT_READS: ReadField[] = [
  { at: REQUIREMENTS, kind: 'dataset', only: REQUIREMENTS_PATH },
  { at: CONFIG_FILE, kind: 'file' },
  {
    at: 'extra_configs.env_name',
    kind: 'directory',
    only: /\//,
    mustExist: false,
    content: ['pyvenv.cfg'],
    placed: true,
  },
];

/** What of them changes no result: to be added to the component's own `notInKey`. */
export const ENVIRONMENT_NOT_IN_KEY = ['extra_configs.env_network'];

/** A job's `extra_configs` with the paths of its environment absolute, where it says what one is to be made of; else null. */
export function environmentToMake({ config, reads }: PlanJob): JsonObject | null {
  const bound = structuredClone(config) as JsonObject;
  const ours = reads.filter(({ at }) => at.startsWith(REQUIREMENTS) || at === CONFIG_FILE);
  for (const { at, path } of ours) setAt(bound, at, path);
  const extra = bound.extra_configs as JsonObject | null;
  const params = extra?.env_params as JsonObject | null | undefined;
  return extra?.requirements != null || params?.env_config_path != null ? extra : null;
}
