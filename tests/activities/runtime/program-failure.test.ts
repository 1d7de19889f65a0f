import { describe, expect, it } from 'vitest';
import { withoutLauncher } from '../../../activities/runtime/program-failure.ts';

const own = ['Traceback (most recent call last):', '  File "train_lora.py", line 3', 'RuntimeError: shapes differ'];
const launcher = [
  'Traceback (most recent call last):',
  '  File "accelerate/commands/launch.py", line 999, in simple_launcher',
  "subprocess.CalledProcessError: Command '['python', 'train_lora.py']' returned non-zero exit status 1.",
];

describe('what is quoted of a failed program', () => {
  it("ends with the program's own words, not with its launcher's traceback", () => {
    expect(withoutLauncher([...own, ...launcher])).toEqual(own);
  });

  it('is everything where no launcher stands above the program', () => {
    expect(withoutLauncher(own)).toEqual(own);
    expect(withoutLauncher(launcher)).toEqual(launcher);
  });
});
