import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { home, inHome } from './places.mjs';

/**
 * Runs `work` while no other set-up runs in this folder; waits for the other one, and takes over from one that died.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} onWait called once where another set-up has to be waited for
 * @returns {Promise<T>}
 */
export async function oneAtATime(work, onWait) {
  const lock = inHome('set-up.lock');
  mkdirSync(home, { recursive: true });
  for (let waiting = false; !take(lock); ) {
    const holder = holderOf(lock);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(lock, { force: true });
    } else {
      if (!waiting && holder !== undefined) onWait(holder);
      waiting = true;
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * The lock appears with its holder's id already in it: a link is atomic, creating and writing a file is not.
 * @param {string} lock
 */
function take(lock) {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** @param {string} lock */
function holderOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return undefined; // released in between
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
