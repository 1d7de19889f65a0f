/** What to do about the YAML library's syntax errors, by its code. */
const REMEDIES: Record<string, string> = {
  ALIAS_PROPS: 'an alias takes no anchor or tag; write the value out',
  BAD_ALIAS: 'this alias has no name; put the value in quotes if it begins with * or &',
  BAD_DQ_ESCAPE: 'this escape means nothing in double quotes; use single quotes or double the backslash',
  BAD_INDENT:
    'this line is not indented like its neighbours, or a bracket above is not closed; line it up, or close the bracket',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'there is a second ": " on one line, or the line after is indented too far; quote the value, or line up the keys',
  BLOCK_IN_FLOW: 'an indented block cannot stand inside brackets; write it with brackets too',
  MISSING_CHAR: 'something is not closed or a comma or colon is missing; close the quote or bracket',
  MULTILINE_IMPLICIT_KEY: 'this key runs over several lines; write "key: value" on one line',
  TAB_AS_INDENT: 'a tab indents this line; YAML wants spaces',
  UNEXPECTED_TOKEN: 'this does not belong here; remove it, or close the bracket before it',
};

/** One sentence for a syntax error. */
export function syntaxMessage(code: string, message: string): string {
  const first = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  return REMEDIES[code] ?? `this is not YAML: ${first}`;
}
