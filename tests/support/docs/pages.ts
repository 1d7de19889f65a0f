// The pages that users read, and what is in them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { packageRoot } from '../../../activities/runtime/paths.ts';

export interface Page {
  /** From the package's folder: `docs/configs.md`. */
  path: string;
  text: string;
}

export interface Block {
  page: string;
  /** Of its first line. */
  line: number;
  /** The word after the fence; empty without one. */
  language: string;
  text: string;
}

const FENCE = /^( *)```(\S*).*\n([\s\S]*?)^\1```$/gm;

/** README, CONTRIBUTING, ARCHITECTURE, CHANGELOG, bench/README.md and all of docs/. */
export function pages(): Page[] {
  const docs = readdirSync(join(packageRoot(), 'docs')).filter(name => name.endsWith('.md'));
  const rest = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'bench/README.md'];
  return [...rest, ...docs.sort().map(name => `docs/${name}`)].map(page);
}

/** One of them. */
export function page(path: string): Page {
  return { path, text: readFileSync(join(packageRoot(), path), 'utf8') };
}

/** Its fenced blocks. */
export function blocksOf({ path, text }: Page): Block[] {
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = '', 2: language = '', 3: body = '' }) => ({
    page: path,
    line: lineAt(text, index) + 1,
    language,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** Its text with an empty line for each line of a fenced block, so that lines keep their numbers. */
export function proseOf({ text }: Page): string {
  return text.replaceAll(FENCE, block => block.replaceAll(/[^\n]/g, ''));
}

/** Its code between single backticks, with lines. */
export function spansOf(page: Page): { line: number; text: string }[] {
  const prose = proseOf(page);
  return [...prose.matchAll(/`([^`]+)`/g)].map(match => ({
    line: lineAt(prose, match.index),
    text: match[1]!.replaceAll(/\s*\n\s*/g, ' '),
  }));
}

/** Targets of its links and pictures, with lines. */
export function linksOf(page: Page): { line: number; target: string }[] {
  const prose = proseOf(page).replaceAll(/`[^`\n]*`/g, code => ' '.repeat(code.length));
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(match => ({
    line: lineAt(prose, match.index),
    target: match[1]!,
  }));
}

/** What is wrong with a link of a page; null where it leads somewhere, or out of the repository. */
export function brokenLink(from: Page, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from.path : normalize(join(dirname(from.path), path));
  if (file.startsWith('..') || !existsSync(join(packageRoot(), file))) return `there is no ${file}`;
  if (anchor === undefined || anchorsOf(page(file)).includes(anchor)) return null;
  return `${file} has no heading #${anchor}`;
}

/** Names that GitHub gives to a page's headings. */
export function anchorsOf(page: Page): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#+ +(.+)$/gm)].map(match => {
    const text = match[1]!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = text
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
