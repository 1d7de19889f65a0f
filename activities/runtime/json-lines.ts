import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The objects of a file of JSON lines, one by one; none of a file that is not there. What is no line of ours, as someone's editing may leave it, is passed over. */
export async function* jsonLines(path: string): AsyncGenerator<Record<string, unknown>> {
  for await (const { value } of numberedJsonLines(path)) yield value;
}

/** As `jsonLines`, with each line's number from 0, and no further than `most` lines. */
export async function* numberedJsonLines(
  path: string,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<{ line: number; value: Record<string, unknown> }> {
  const input = createReadStream(path);
  let line = -1;
  try {
    for await (const text of createInterface({ input })) {
      line++;
      if (line >= most) return;
      const value = parsed(text);
      if (typeof value === 'object' && value !== null) yield { line, value: value as Record<string, unknown> };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    input.destroy();
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return pythons(line);
  }
}

/** As Python writes JSON: NaN and the infinities, which JSON has not, are made text where they stand outside of strings. */
function pythons(line: string): unknown {
  const text = line.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, found =>
    found.startsWith('"') ? found : `"${found}"`,
  );
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
