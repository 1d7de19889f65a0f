/** Far above any config written by hand; a text this large is data given by mistake. */
export const MAX_BYTES = 256 * 1024;
/** Composing recurses: a few thousand levels would end the process, so that deeper texts are refused before they are composed. */
export const MAX_DEPTH = 100;
/** Values after aliases are followed. */
export const MAX_VALUES = 100_000;
/** Problems told of one text: whoever has more wants to see the first ones. */
export const MAX_PROBLEMS = 100;
