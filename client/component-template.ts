/** What a new component is called. */
export interface NewComponent {
  /** Without ending. */
  file: string;
  name: string;
  hook: string;
  /** Absent for a hook that has no other component. */
  type?: string;
}

/** The file of a component that counts words: short, and with everything that most components need. */
export function componentText({ name, hook, type }: NewComponent): string {
  const quoted = `'${type}'`;
  const typeLine = type === undefined ? '' : `  type: ${quoted}, // extra_configs.type of the jobs that it runs\n`;
  const typeKey = type === undefined ? '' : `      type: z.literal(${quoted}),\n`;
  return `import { open } from 'node:fs/promises';
import { defineComponent, JobFailure, z } from 'dj-sandbox';

/** ${hook}${type === undefined ? '' : ` \`${type}\``}: the mean number of words in a dataset's samples. */
export default defineComponent({
  name: '${name}',
  hook: '${hook}',
${typeLine}  version: 1, // part of the job key: raise it when the results change, else finished jobs are found again
  summary: 'Counts words; the result is the mean of the samples.',
  config: {
    // The config's schema: it checks what users write, and gives extra_configs below its type.
    extra: z.strictObject({
${typeKey}      dataset_path: z.string().min(1).describe('JSON Lines, a sample a line'),
      text_key: z.string().min(1).default('text').describe('key of the text in a sample'),
    }),
  },
  reads: [{ at: 'extra_configs.dataset_path', kind: 'dataset' }],
  results: [{ value: 'mean_words' }],

  async run({ config, signal, progress }) {
    const { dataset_path, text_key } = config.extra_configs;
    let samples = 0;
    let words = 0;
    const file = await open(dataset_path);
    for await (const line of file.readLines()) {
      signal.throwIfAborted();
      samples += 1;
      words += wordsIn(line, text_key, \`\${dataset_path}, line \${samples}\`);
      progress({ phase: 'counting', step: samples, unit: 'sample' });
    }
    // A JobFailure is told to the user and not tried again; other errors are.
    if (samples === 0) throw new JobFailure(\`\${dataset_path} has no samples\`);
    return { results: [{ value: words / samples }], metrics: { mean_words: words / samples, samples } };
  },
});

function wordsIn(line: string, key: string, where: string): number {
  let sample: unknown;
  try {
    sample = JSON.parse(line);
  } catch {
    throw new JobFailure(\`\${where}: expected JSON, got \${line.slice(0, 60)}\`);
  }
  const text = (sample as Record<string, unknown> | null)?.[key];
  if (typeof text !== 'string') throw new JobFailure(\`\${where}: expected a text in "\${key}"\`);
  return text.split(/\\s+/).filter(word => word !== '').length;
}
`;
}

/** Its test, for Node's own runner; vitest and others take the same cases. */
export function componentTestText({ file, type }: NewComponent): string {
  const chosen = type === undefined ? '' : `type: '${type}', `;
  return `// node --import dj-sandbox/register --test ${file}.test.ts
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { conformance, runOnce } from 'dj-sandbox/conformance';
import component from './${file}.ts';

/** A good job: makes what it reads in \`folder\`, where its relative paths start. */
async function job(folder: string) {
  await writeFile(join(folder, 'data.jsonl'), '{"text": "one two three"}\\n{"text": "four"}\\n');
  return { extra_configs: { ${chosen}dataset_path: 'data.jsonl' } };
}

test('the result is the mean number of words', async () => {
  const { results } = await runOnce({ component, job });
  assert.deepEqual(results, [{ kind: 'value', value: 2 }]);
});

// What every component has to do, whatever it is for.
describe(component.name, () => {
  for (const { title, run } of conformance({ component, job })) test(title, run);
});
`;
}
