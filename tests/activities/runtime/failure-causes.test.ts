import { expect, test } from 'vitest';
import { adviceFor, retriesByCause } from '../../../activities/runtime/failure-causes.ts';
import { assertSharedPattern } from '../../../activities/runtime/shared-pattern.ts';

const program = { argv: ['/envs/train/bin/python', 'train.py'], cwd: '/run', signal: null };

test.each([
  ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', 'the GPU ran out of memory'],
  ['OSError: [Errno 28] No space left on device', 'the disk is full: free space where the job writes (it ran in /run)'],
  [
    "ModuleNotFoundError: No module named 'decord.bridge'",
    'The Python environment of /envs/train/bin/python lacks the package decord:',
  ],
  [
    'ImportError: libGL.so.1: cannot open shared object file: No such file or directory',
    'the system lacks the library libGL.so.1',
  ],
  ['RuntimeError: DataLoader worker (pid 7) is killed by signal: Bus error.', 'shared memory is used up'],
  ['RuntimeError: Found no NVIDIA driver on your system.', 'the program wants a GPU and found none'],
  ['train.py: error: unrecognized arguments: --sample_size 9', 'it does not know the arguments --sample_size 9'],
  [
    "ImportError: cannot import name 'DiTBlock' from 'diffusers.models' (/envs/x/diffusers/models/__init__.py)",
    'diffusers.models has no DiTBlock: the diffusers that is installed is of another version than the program is for',
  ],
  ["AttributeError: module 'torch' has no attribute 'float4'", 'list it in `requirements` (torch==…)'],
  [
    'ImportError: tokenizers>=0.22,<=0.23 is required for a normal functioning of this module, but found tokenizers==0.13.3.',
    'it needs tokenizers>=0.22,<=0.23 and found tokenizers==0.13.3: name an environment',
  ],
  ["PermissionError: [Errno 13] Permission denied: '/out/x'", 'permission denied for /out/x'],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/d/a.mp4'", '/d/a.mp4 is not there'],
  [
    "python3: can't open file '/own/trian.py': [Errno 2] No such file or directory",
    'the script /own/trian.py is not there',
  ],
  ["OSError: [Errno 30] Read-only file system: '/out'", 'a file system that is read-only'],
  ['RuntimeError: CUDA error: uncorrectable ECC error encountered', 'the GPU failed (uncorrectable ECC error'],
  ['torch.distributed.DistBackendError: NCCL error in: x.cpp:12', 'its processes lost each other'],
  [
    'safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge',
    'a checkpoint or weights file',
  ],
  [
    'dj-sandbox: error: d.pt is no network (PytorchStreamReader failed)',
    'd.pt is no network (PytorchStreamReader failed)',
  ],
  ['OSError: [Errno 116] Stale file handle', 'a file system failed under it'],
])('%s', (line, advice) => {
  expect(
    adviceFor({ ...program, tail: ['Traceback (most recent call last):', line, 'CalledProcessError'] })?.toLowerCase(),
  ).toContain(advice.toLowerCase());
});

test('killed by signal 9 without a word: most likely out of memory', () => {
  expect(adviceFor({ ...program, signal: 'SIGKILL', tail: ['step 3'] })).toMatch(
    /ran out of memory and the kernel killed it/,
  );
});

test('a cause that is not known is not guessed', () => {
  expect(adviceFor({ ...program, tail: ['ValueError: batch size must divide 7'] })).toBeNull();
});

test('what the supervisor is told of causes is spelled so that Python reads it alike', () => {
  for (const { pattern } of retriesByCause()) assertSharedPattern({ kind: 'phase', pattern: `(?<phase>)${pattern}` });
});
