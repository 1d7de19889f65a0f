const MARK = 'dj-sandbox: error: ';

/** The sentence that one of our own evaluation programs ended with (python/evaluate/sentence.py), or null. */
export function programSentence(lines: readonly string[]): string | null {
  const found = lines.findLast(line => line.startsWith(MARK));
  return found === undefined ? null : found.slice(MARK.length);
}
