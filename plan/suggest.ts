import { distance } from 'fastest-levenshtein';

const MOST_LISTED = 12;

/** The known word that was probably meant, or null where none is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const allowed = Math.max(2, Math.floor(word.length / 3));
  let best: string | null = null;
  let least = allowed + 1;
  for (const each of known) {
    const away = distance(word.toLowerCase(), each.toLowerCase());
    if (away < least) [best, least] = [each, away];
  }
  return best;
}

/** `did you mean "x"?`, else the words there are: the end of an error about an unknown word. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = [...known];
  const meant = nearest(word, words);
  if (meant !== null) return `did you mean "${meant}"?`;
  return words.length === 0 ? 'there are none' : `known: ${listed(words)}`;
}

/** As `didYouMean`, and always with the words there are. */
export function didYouMeanOf(word: string, known: Iterable<string>): string {
  const words = [...known];
  const meant = nearest(word, words);
  const all = words.length === 0 ? 'there are none' : `known: ${words.join(', ')}`;
  return meant === null ? all : `did you mean "${meant}"? (${all})`;
}

/** At most a dozen words, and how many more there are. */
export function listed(words: readonly string[]): string {
  const more = words.length - MOST_LISTED;
  return more > 0 ? `${words.slice(0, MOST_LISTED).join(', ')} and ${more} more` : words.join(', ');
}
