// What an unquoted YAML scalar means. YAML 1.1 as PyYAML reads it, because that is what the original's configs are written for
// (`yes`/`no`/`on`/`off`, `0o`-less octal, `1_000`), with these differences, each what people expect:
// - `2e-05` and `1.5e3` are numbers (PyYAML wants a dot and a sign, and hands out a string);
// - `16:9` is a string (PyYAML reads it to base sixty: 969), and so is a date;
// - single letters `y` and `n` are strings, as in PyYAML.

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const BINARY = /^([-+]?)0b([01_]+)$/;
const HEX = /^([-+]?)0x([0-9a-fA-F_]+)$/;
const OCTAL = /^([-+]?)0([0-7_]+)$/;
const INT = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const FLOAT = /^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NAN = /^\.(?:nan|NaN|NAN)$/;

/** Value of an unquoted scalar; `bad` says why JSON cannot hold it. */
export function plainScalar(source: string): { value: null | boolean | number | string } | { bad: string } {
  if (NULL.test(source)) return { value: null };
  if (TRUE.test(source)) return { value: true };
  if (FALSE.test(source)) return { value: false };
  if (INFINITE.test(source) || NAN.test(source)) {
    return { bad: `${source} is no number that JSON can hold; leave the key out, or write a finite number` };
  }
  const number = numberOf(source);
  if (number === null) return { value: source };
  if (!Number.isFinite(number)) return { bad: `${source} is too large for a number; quote it if it is a name` };
  if (Number.isInteger(number) && !Number.isSafeInteger(number) && !/[.eE]/.test(source)) {
    return { bad: `${source} is beyond 2^53, where whole numbers lose digits; quote it if it is a name` };
  }
  return { value: number };
}

function numberOf(source: string): number | null {
  for (const [pattern, base] of [
    [BINARY, 2],
    [HEX, 16],
    [OCTAL, 8],
  ] as const) {
    const found = pattern.exec(source);
    if (found) return Number.parseInt(found[2]!.replaceAll('_', ''), base) * (found[1] === '-' ? -1 : 1);
  }
  const isNumber = INT.test(source) || (FLOAT.test(source) && /[.eE]/.test(source));
  return isNumber ? Number(source.replaceAll('_', '')) : null;
}
