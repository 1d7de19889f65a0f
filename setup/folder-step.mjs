import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inHome } from './places.mjs';

const STAMP = '.set-up';

/**
 * One thing that set-up makes.
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title what the user reads
 * @property {string} [download] what it downloads and how large, such as "44 MB"
 * @property {() => boolean} isDone
 * @property {() => Promise<void>} run
 */

/**
 * A step that makes a folder. It is made beside its place, stamped with the hash of what it was made from, and moved there in one
 * go: an interrupted run leaves nothing that looks finished, and what uses the old folder sees a whole one until then.
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.title
 * @param {string} [options.download]
 * @param {string} options.folder where it belongs
 * @param {string} options.proof a file in it that must be there
 * @param {() => string[]} options.inputs what the result depends on
 * @param {(into: string) => Promise<void>} options.make
 * @returns {Step}
 */
export function folderStep({ name, title, download, folder, proof, inputs, make }) {
  const wanted = () => hashOf(inputs());
  return {
    name,
    title,
    download,
    isDone: () => existsSync(join(folder, proof)) && stampOf(folder) === wanted(),
    async run() {
      const stamp = wanted();
      const into = inHome('tmp', `${basename(folder)}-${process.pid}`);
      rmSync(into, { recursive: true, force: true });
      mkdirSync(dirname(into), { recursive: true });
      await make(into);
      writeFileSync(join(into, STAMP), stamp);
      moveIntoPlace(into, folder);
    },
  };
}

/**
 * Puts a finished folder where it belongs; what was there before goes.
 * @param {string} made
 * @param {string} place on the same disk
 */
export function moveIntoPlace(made, place) {
  const old = `${made}-old`;
  mkdirSync(dirname(place), { recursive: true });
  if (existsSync(place)) renameSync(place, old);
  renameSync(made, place);
  rmSync(old, { recursive: true, force: true });
}

/**
 * The hash that a folder was made from; undefined where it was never finished.
 * @param {string} folder
 */
export function stampOf(folder) {
  const file = join(folder, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @param {string[]} texts */
export function hashOf(texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}

/** @param {string[]} files */
export const contentsOf = files => files.map(file => readFileSync(file, 'utf8'));
