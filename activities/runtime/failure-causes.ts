/** How a failed program ended, as far as it can be known. */
export interface FailedProgram {
  argv: readonly string[];
  cwd: string;
  signal: string | null;
  /** Its last log lines, oldest first. */
  tail: readonly string[];
}

interface Cause {
  /** Tried on each of the last lines, newest first; the supervisor (Python) tries it too. */
  line?: RegExp;
  signal?: string;
  /**
   * Whether a program with restarts is started again: `never`; `passing`: yes, it may well go away; `checkpoint`: yes, from another checkpoint if
   * this one cannot be loaded. Absent: if it came further than ever before.
   */
  retry?: Retry;
  /** What it means and what to do, in one or two sentences. */
  advice: (match: RegExpExecArray, program: FailedProgram) => string;
}

type Retry = 'never' | 'passing' | 'checkpoint';

/** A launcher's words for a child that a signal ended: the launcher itself exits with a code. */
export const ENDED_BY_SIGNAL = /died with <Signals\.(SIG[A-Z0-9]+)|Signal [0-9]+ \((SIG[A-Z0-9]+)\) received by PID/;

const OUT_OF_MEMORY = 'use a smaller batch or sample size, fewer workers, or a host with more memory';

/** What to do where a module lacks what the program takes from it. */
function otherVersion(module: string): string {
  const name = module.split('.')[0]!;
  return `the ${name} that is installed is of another version than the program is for, or a file called ${name} hides it; name an environment that has the right one, or list it in \`requirements\` (${name}==…)`;
}

/** Common causes, the first that fits wins. */
const CAUSES: readonly Cause[] = [
  {
    // A program of ours (python/evaluate/sentence.py) that knows better than any rule below, whatever its sentence quotes.
    line: /^dj-sandbox: error: (.+)/,
    retry: 'never',
    advice: match => match[1]!,
  },
  {
    line: /CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED/,
    advice: () =>
      'the GPU ran out of memory: lower batch_size_per_gpu or sample_size (raise gradient_accumulation_steps to keep the effective batch), or use a larger GPU',
  },
  {
    line: /No space left on device|Disk quota exceeded/,
    retry: 'never',
    advice: (_, { cwd }) => `the disk is full: free space where the job writes (it ran in ${cwd}), then start it again`,
  },
  {
    line: /DataLoader worker .* is killed by signal: Bus error|insufficient shared memory/,
    advice: () => 'shared memory is used up: raise /dev/shm (docker run --shm-size) or set dataloader_num_workers to 0',
  },
  {
    line: /DefaultCPUAllocator: can't allocate memory|MemoryError|Cannot allocate memory/,
    advice: () => `the host ran out of memory: ${OUT_OF_MEMORY}`,
  },
  {
    line: /ModuleNotFoundError: No module named '([^']+)'/,
    retry: 'never',
    advice: (match, { argv }) =>
      `the Python environment of ${argv[0]} lacks the package ${match[1]!.split('.')[0]}: install it there, or name an environment that has it`,
  },
  {
    line: /ImportError: cannot import name '([^']+)' from '([^']+)'/,
    retry: 'never',
    advice: match => `${match[2]} has no ${match[1]}: ${otherVersion(match[2]!)}`,
  },
  {
    line: /AttributeError: module '([^']+)' has no attribute '([^']+)'/,
    retry: 'never',
    advice: match => `${match[1]} has no ${match[2]}: ${otherVersion(match[1]!)}`,
  },
  {
    // Transformers and those that check as it does.
    line: /ImportError: (\S+) is required for a normal functioning of this module, but found (\S+)/,
    retry: 'never',
    advice: match =>
      `it needs ${match[1]} and found ${match[2]!.replace(/\.$/, '')}: name an environment that has the version, or list it in \`requirements\``,
  },
  {
    line: /error: Invalid version request: (.+)/,
    retry: 'never',
    advice: () => 'correct env_py_version in env_params',
  },
  {
    line: /(\S+\.so[.\d]*): cannot open shared object file/,
    retry: 'never',
    advice: match => `the system lacks the library ${match[1]}: install the package that brings it`,
  },
  {
    line: /Found no NVIDIA driver|No CUDA GPUs are available|Torch not compiled with CUDA enabled/,
    retry: 'never',
    advice: () =>
      'the program wants a GPU and found none: run it on a worker whose tag has one, or tell it to use the CPU',
  },
  {
    line: /no kernel image is available for execution on the device/,
    retry: 'never',
    advice: () => 'this torch was not built for this GPU: install a build of torch for its generation',
  },
  {
    line: /couldn't connect to 'https:\/\/huggingface\.co'|LocalEntryNotFoundError|Cannot find the requested files in the (?:disk|local) cache/,
    advice: () =>
      'a model could not be fetched from its hub: give the path of a local copy, or let the host reach the hub',
  },
  {
    line: /Ray is not running, please start it/,
    retry: 'never',
    advice: () =>
      'it runs on a Ray cluster that is there already: start one (ray start --head), or name it in its own config',
  },
  {
    line: /EADDRINUSE|[Aa]ddress already in use/,
    retry: 'passing',
    advice: () =>
      'a network port that it needs is taken, perhaps by another training on this host: choose another main_process_port',
  },
  {
    line: /NCCL error|ncclSystemError|ncclRemoteError|ncclInternalError|Watchdog caught collective operation timeout|Connection reset by peer|Connection closed by peer/,
    retry: 'passing',
    advice: () =>
      'its processes lost each other: look for one of them that failed first, and at the network between the GPUs (NCCL_DEBUG=INFO tells more)',
  },
  {
    line: /CUDA error: (unspecified launch failure|uncorrectable ECC error encountered|an illegal memory access was encountered|unknown error)/,
    retry: 'passing',
    advice: match =>
      `the GPU failed (${match[1]}): if it does so again, look at its health (nvidia-smi -q, dmesg for Xid) or use another`,
  },
  {
    line: /PytorchStreamReader failed|Error\(s\) in loading state_dict|Error while deserializing header|pickle data was truncated|invalid load key|Weights only load failed/,
    retry: 'checkpoint',
    advice: () =>
      'a checkpoint or weights file cannot be loaded: it is damaged or of another model; move the checkpoint away to start from the one before it',
  },
  {
    line: /Stale file handle|Input\/output error/,
    retry: 'passing',
    advice: () => 'a file system failed under it: look at the disk or the network share that the job uses',
  },
  {
    line: /Read-only file system/,
    retry: 'never',
    advice: (_, { cwd }) =>
      `it wrote to a file system that is read-only: mount it for writing, or choose other paths (it ran in ${cwd})`,
  },
  {
    line: /(?:unrecognized arguments|not used by the HfArgumentParser): (.+)/,
    retry: 'never',
    advice: match => `it does not know the arguments ${match[1]}: its version is another than the config is for`,
  },
  {
    line: /PermissionError: .*?: '([^']+)'/,
    retry: 'never',
    advice: match => `permission denied for ${match[1]}: choose a path that the worker may use`,
  },
  {
    line: /can't open file '([^']+)': \[Errno 2\]/,
    retry: 'never',
    advice: match => `the script ${match[1]} is not there: correct its path in the config`,
  },
  {
    line: /FileNotFoundError: .*?: '([^']+)'/,
    retry: 'never',
    advice: match => `${match[1]} is not there: put it there, or correct the path in the config`,
  },
  {
    signal: 'SIGKILL',
    advice: () => `most likely the host ran out of memory and the kernel killed it: ${OUT_OF_MEMORY}`,
  },
  {
    signal: 'SIGSEGV',
    advice: () => 'it crashed in native code: the versions of its libraries may not fit each other or the driver',
  },
];

/** What the supervisor is told of causes, in the order in which they are tried. */
export function retriesByCause(): { pattern: string; retry: Retry | null }[] {
  const bySignal = { pattern: ENDED_BY_SIGNAL.source, retry: 'passing' as const };
  const rest = CAUSES.flatMap(({ line, retry = null }) => (line ? [{ pattern: line.source, retry }] : []));
  return [bySignal, ...rest];
}

/** What most likely made a program fail and what to do about it, or null where no common cause is recognised. */
export function adviceFor(program: FailedProgram): string | null {
  const newestFirst = [...program.tail].reverse();
  for (const { line, signal, advice } of CAUSES) {
    if (signal !== undefined && signal === program.signal) return advice([] as never, program);
    const match = line && newestFirst.map(text => line.exec(text)).find(found => found !== null);
    if (match) return advice(match, program);
  }
  return null;
}
