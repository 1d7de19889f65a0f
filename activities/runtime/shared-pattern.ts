import type { LogPattern } from './program-spec.ts';

const REFUSED: [RegExp, string][] = [
  [/^\\[AZzGhHRXKpPkQEC]/, 'this escape means something else, or nothing, in Python'],
  [/^\\[xuUNc0-9]/, 'character codes and back-references are not shared: write the character'],
  [/^\(\?[P#]/, 'write a named group as (?<name>…)'],
  [/^\(\?<[=!]/, 'look-behind is not shared'],
  [/^\(\?[>(]/, 'atomic and conditional groups are not shared'],
  [/^\(\?[a-zA-Z-]*[:)]/, 'flags are not shared: spell out both cases'],
  [/^\(\?<(?![A-Za-z_][A-Za-z0-9_]*>)/, 'a group name has ASCII letters, digits and _ only'],
  [/^\[\^?\]/, 'an empty class is not shared'],
  [/^[*+?}]\+/, 'possessive quantifiers are not shared'],
];

/**
 * Checks that a log pattern means the same to TypeScript (flag u) and to Python (flag ASCII), and that it has the groups of its kind.
 * Throws an Error that names the place and what would be right.
 */
export function assertSharedPattern({ pattern, kind }: LogPattern): void {
  const bad = (at: number, why: string) =>
    new Error(`log pattern ${JSON.stringify(pattern)} at character ${at + 1}: ${why}`);
  const named: boolean[] = [];
  for (let at = 0; at < pattern.length; at += tokenLength(pattern, at)) {
    const rest = pattern.slice(at);
    const refused = REFUSED.find(([token]) => token.test(rest) && !rest.startsWith('(?:'));
    if (refused) throw bad(at, refused[1]);
    const token = rest.slice(0, tokenLength(pattern, at));
    if (token.startsWith('[') && /\\[a-zA-Z0-9]/.test(token.replace(/\\[dDwWsStnrfv]/g, ''))) {
      throw bad(at, 'this class has an escape that is not shared: write the character');
    }
    if (rest.startsWith('(')) named.push(/^\(\?<[A-Za-z_]/.test(rest));
    if (!rest.startsWith(')')) continue;
    const inside = named.pop() ?? false;
    if (inside && /^\)[*+{]/.test(rest))
      throw bad(at, 'a repeated group must not hold a named one: the two languages keep different matches');
    if (inside && named.length > 0) named[named.length - 1] = true;
  }
  let groups: string[];
  try {
    groups = Object.keys(new RegExp(`${pattern}|`, 'u').exec('')?.groups ?? {});
  } catch (error) {
    throw bad(0, (error as Error).message);
  }
  if (kind === 'metrics' ? groups.length === 0 : !groups.includes(kind)) {
    throw bad(0, kind === 'metrics' ? 'it needs a named group for each number' : `it needs a group (?<${kind}>…)`);
  }
}

function tokenLength(pattern: string, at: number): number {
  return /^(?:\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?|.|\n)/su.exec(pattern.slice(at))?.[0].length ?? 1;
}
