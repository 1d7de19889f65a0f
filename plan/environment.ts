// The config keys by which a job says in which Python environment its program runs (docs/environments.md).
import { z } from 'zod';
import type { ReadField } from './component.ts';

/** Managers of environments. */
export const MANAGERS = ['conda', 'mamba', 'venv', 'virtualenv', 'uv'] as const;

/** Keys of every component whose program runs in an environment that the config may choose. */
export const environmentKeys = {
  /** Name of a conda environment, or folder of any. */
  env_name: z.string().nullish(),
  /** Default: conda. */
  env_manager: z.enum(MANAGERS).nullish(),
  env_params: z.record(z.string(), z.unknown()).nullish(),
};

/** What decides results of them: to be added to the component's own `reads`. The folder of an environment counts by its place. */
export const ENVIRONMENT_READS: ReadField[] = [
  {
    at: 'extra_configs.env_name',
    kind: 'directory',
    only: /\//,
    mustExist: false,
    content: ['pyvenv.cfg'],
    placed: true,
  },
];
