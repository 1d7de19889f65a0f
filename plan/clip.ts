/** At most so many characters, the last an ellipsis where some are missing; never half a character. */
export function clip(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}
