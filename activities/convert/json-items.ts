import { createReadStream } from 'node:fs';
import type { Json } from '../../plan/plan.ts';

/** One item of a dataset file: where it is (counted from 1) and what it holds. */
export interface Item {
  /** `line 7` or `item 7`, for messages. */
  at: string;
  value: Json;
}

/** Reads a dataset one item at a time, whatever its size: a JSON list, or an item a line (`.jsonl`). */
export async function* jsonItems(path: string): AsyncGenerator<Item> {
  const chunks = createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>;
  yield* path.endsWith('.jsonl') ? parsed(lines(chunks), 'line', path) : parsed(listItems(chunks, path), 'item', path);
}

async function* parsed(texts: AsyncIterable<string>, word: string, path: string): AsyncGenerator<Item> {
  let n = 0;
  for await (const text of texts) {
    n += 1;
    if (text.trim() === '') continue;
    try {
      yield { at: `${word} ${n}`, value: JSON.parse(text) as Json };
    } catch (error) {
      throw new SyntaxError(`${path}, ${word} ${n} is not JSON: ${(error as Error).message}`, { cause: error });
    }
  }
}

async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  yield rest;
}

/**
 * Texts of the items of a JSON list. Also takes items one after another without a list around them, which is what some tools call `.json`.
 */
async function* listItems(chunks: AsyncIterable<string>, path: string): AsyncGenerator<string> {
  let item = '';
  let depth = 0;
  let quoted = false;
  let escaped = false;
  for await (const chunk of chunks) {
    for (const letter of chunk) {
      if (depth === 0 && letter !== '{') {
        // Between items: the list's own brackets, commas and white space.
        if (/[\s,[\]\uFEFF]/.test(letter)) continue;
        throw new SyntaxError(`${path} is not a list of samples: expected "{", found ${JSON.stringify(letter)}`);
      }
      item += letter;
      if (quoted) {
        if (escaped) escaped = false;
        else if (letter === '\\') escaped = true;
        else if (letter === '"') quoted = false;
      } else if (letter === '"') quoted = true;
      else if (letter === '{' || letter === '[') depth += 1;
      else if (letter === '}' || letter === ']') depth -= 1;
      if (depth === 0) {
        yield item;
        item = '';
      }
    }
  }
  if (depth > 0) throw new SyntaxError(`${path} ends in the middle of an item: it is truncated`);
}
