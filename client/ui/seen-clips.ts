// Pictures of clips, and clips that browsers play, for pages: each clip is looked at once for as long as it stays what it is.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { seeClips } from '../../report/collect/see-clips.ts';
import type { Clip, ClipWish } from '../../report/model/trial.ts';

/** Clips that pages showed last. */
const MOST_KEPT = 5_000;

/** Looks at clips for all pages, one page's after another's: a decoder takes a whole processor. */
export class SeenClips {
  readonly #seen = new Map<string, Clip>();
  #folder: Promise<string> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** Where converted clips are; null: none was made yet. */
  async folder(): Promise<string | null> {
    return await this.#folder;
  }

  /** What `seeClips` answers; null where no Python environment is there that reads clips. */
  async see(wishes: readonly ClipWish[]): Promise<Record<string, Clip> | null> {
    const turn = this.#last.then(() => this.#see(wishes));
    this.#last = turn.catch(() => {});
    return await turn;
  }

  async #see(wishes: readonly ClipWish[]): Promise<Record<string, Clip> | null> {
    const named = await Promise.all(wishes.map(async wish => ({ wish, name: await nameOf(wish) })));
    const unseen = named.filter(({ name }) => !this.#seen.has(name));
    if (unseen.length > 0) {
      this.#folder ??= mkdtemp(join(tmpdir(), 'dj-sandbox-ui-'));
      const folder = await this.#folder;
      const found = await seeClips(
        unseen.map(({ wish }) => wish),
        { folder },
      );
      if (found === null) return null;
      for (const { wish, name } of unseen) if (found[wish.path]) this.#seen.set(name, found[wish.path]!);
    }
    const clips = named.flatMap(({ wish, name }) => {
      const clip = this.#seen.get(name);
      return clip ? [[wish.path, clip] as const] : [];
    });
    while (this.#seen.size > MOST_KEPT) this.#seen.delete(this.#seen.keys().next().value!);
    return Object.fromEntries(clips);
  }

  async close(): Promise<void> {
    if (this.#folder) await rm(await this.#folder, { recursive: true, force: true });
  }
}

/** A clip as it is now: one that is written again is another. */
async function nameOf({ path, play }: ClipWish): Promise<string> {
  const found = await stat(path).catch(() => null);
  return JSON.stringify([path, play, found?.size, found?.mtimeMs]);
}

/** The address of a converted clip. */
export const clipPath = (path: string): string => `/clips/${encodeURIComponent(basename(path))}`;
