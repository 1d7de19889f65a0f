import { copyFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Component } from '../../../activities/component.ts';
import { evaluateDataCommand, evaluateModelCommand } from '../../../activities/evaluate/command.ts';
import { inferCommand } from '../../../activities/infer/command.ts';
import type { ComponentUnderTest } from '../../../activities/own/conformance/index.ts';
import { trainCommand } from '../../../activities/train/command.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { writeDatasets } from './inputs.ts';

const PROGRAM = 'counts.py';

const counting = (component: Component, more: JsonObject = {}): ComponentUnderTest => ({
  component,
  async job(folder) {
    await copyFile(resolve('tests/fixtures/command', PROGRAM), join(folder, PROGRAM));
    await writeDatasets(folder, { 'd.jsonl': [{ text: 'one' }, { text: 'two' }] });
    return {
      extra_configs: {
        type: 'command',
        argv: ['python3', PROGRAM, '{dataset}', '{output}', '{result}', '{steps}'],
        dataset: 'd.jsonl',
        parameters: { steps: 6 },
        log: 'key-value',
        result: 'result.json',
        ...more,
      },
    };
  },
});

/** With a program that needs Python only. */
export const COMMANDS: ComponentUnderTest[] = [
  counting(trainCommand, {
    checkpoints: { pattern: '^step-(?<step>[0-9]+)\\.state$', resume: ['--resume', '{checkpoint}'] },
  }),
  counting(inferCommand),
  counting(evaluateDataCommand),
  counting(evaluateModelCommand),
];
