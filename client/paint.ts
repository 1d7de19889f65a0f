import { Ansis } from 'ansis';

/**
 * Colours as the output takes them: none with NO_COLOR, or where it is no terminal; FORCE_COLOR (0 to 3, true, false) decides for both
 * where NO_COLOR is not set.
 */
export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Ansis {
  if (env.NO_COLOR) return new Ansis(0);
  const forced = forcedLevel(env.FORCE_COLOR);
  if (forced !== null) return new Ansis(forced);
  return stream.isTTY ? new Ansis() : new Ansis(0);
}

/** As Node reads it: empty and `true` are 16 colours; null where it is not set. */
function forcedLevel(text: string | undefined): 0 | 1 | 2 | 3 | null {
  if (text === undefined) return null;
  if (text === '0' || text === 'false') return 0;
  return text === '2' ? 2 : text === '3' ? 3 : 1;
}
