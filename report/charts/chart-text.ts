/** A name of someone else's as text of a chart: shortened, and never taken for a property or function that options name. */
export function chartText(text: string, most = 40): string {
  const letters = [...text.replace(/\s+/g, ' ')];
  const shown = letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : letters.join('');
  return /^(@|var\(--)/.test(shown) ? `\u200b${shown}` : shown;
}
