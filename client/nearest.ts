import { distance } from 'fastest-levenshtein';

/** Up to three of `candidates` that begin like `word` or are at most a third of it away, nearest first. */
export function nearest(word: string, candidates: string[]): string[] {
  const limit = Math.max(2, Math.floor(word.length / 3));
  return [...new Set(candidates)]
    .map(candidate => ({ candidate, away: candidate.startsWith(word) ? 0 : distance(word, candidate) }))
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
