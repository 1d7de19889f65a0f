/** How a failed program ended, as far as it can be known. */
export interface FailedProgram {
  argv: readonly string[];
  cwd: string;
  signal: string | null;
  /** Its last log lines, oldest first. */
  tail: readonly string[];
}

interface Cause {
  /** Tried on each of the last lines, newest first. */
  line?: RegExp;
  signal?: string;
  /** What it means and what to do, in one or two sentences. */
  advice: (match: RegExpExecArray, program: FailedProgram) => string;
}

const OUT_OF_MEMORY = 'use a smaller batch or sample size, fewer workers, or a host with more memory';

/** Common causes, the first that fits wins. */
const CAUSES: readonly Cause[] = [
  {
    line: /CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED/,
    advice: () =>
      'the GPU ran out of memory: lower batch_size_per_gpu or sample_size (raise gradient_accumulation_steps to keep the effective batch), or use a larger GPU',
  },
  {
    line: /No space left on device|Disk quota exceeded/,
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
    advice: (match, { argv }) =>
      `the Python environment of ${argv[0]} lacks the package ${match[1]!.split('.')[0]}: install it there, or name an environment that has it`,
  },
  {
    line: /(\S+\.so[.\d]*): cannot open shared object file/,
    advice: match => `the system lacks the library ${match[1]}: install the package that brings it`,
  },
  {
    line: /Found no NVIDIA driver|No CUDA GPUs are available|Torch not compiled with CUDA enabled/,
    advice: () =>
      'the program wants a GPU and found none: run it on a worker whose tag has one, or tell it to use the CPU',
  },
  {
    line: /no kernel image is available for execution on the device/,
    advice: () => 'this torch was not built for this GPU: install a build of torch for its generation',
  },
  {
    line: /couldn't connect to 'https:\/\/huggingface\.co'|LocalEntryNotFoundError|Cannot find the requested files in the (?:disk|local) cache/,
    advice: () =>
      'a model could not be fetched from its hub: give the path of a local copy, or let the host reach the hub',
  },
  {
    line: /EADDRINUSE|Address already in use/i,
    advice: () =>
      'a network port that it needs is taken, perhaps by another training on this host: choose another main_process_port',
  },
  {
    line: /unrecognized arguments: (.+)/,
    advice: match => `it does not know the arguments ${match[1]}: its version is another than the config is for`,
  },
  {
    line: /PermissionError: .*?: '([^']+)'/,
    advice: match => `permission denied for ${match[1]}: choose a path that the worker may use`,
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
