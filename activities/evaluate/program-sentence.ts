/** The sentence that one of our own evaluation programs ended with (python/evaluate/sentence.py), or null. */
export function programSentence(lines: readonly string[]): string | null {
  const found = lines.findLast(line => line.startsWith('dj-sandbox: '));
  return found === undefined ? null : found.slice('dj-sandbox: '.length);
}
