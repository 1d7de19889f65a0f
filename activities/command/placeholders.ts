import { JobFailure } from '../runtime/failure.ts';

/** `{name}`; `{{name}}` is the text `{name}`, and other braces (JSON in an argument) mean nothing. */
const PLACEHOLDER = /\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Names of the placeholders in a text, each as often as it stands there. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, , name]) => (name === undefined ? [] : [name]));
}

/** A text with its placeholders filled in. Throws JobFailure where the config gives no value for one. */
export function fillIn(text: string, values: Readonly<Record<string, string | null>>): string {
  return text.replace(PLACEHOLDER, (_, escaped?: string, name?: string) => {
    if (escaped !== undefined) return `{${escaped}}`;
    const value = Object.hasOwn(values, name!) ? values[name!] : null;
    if (value == null)
      throw new JobFailure(`${JSON.stringify(text)} uses {${name}}, but the config has no "${name}"; give it one`);
    return value;
  });
}
