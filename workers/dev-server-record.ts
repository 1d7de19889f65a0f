import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';

/** What is known of a running development server, kept beside its database. */
export interface DevServerRecord {
  pid: number;
  ip: string;
  port: number;
}

const KEEPER = 'keeps workers';

/** The files beside a database that say who runs and who uses its server. */
export class DevServerFiles {
  readonly database: string;
  readonly log: string;
  #record: string;
  #users: string;

  constructor(database: string) {
    this.database = database;
    this.log = `${database}.log`;
    this.#record = `${database}.server.json`;
    this.#users = `${database}.users`;
  }

  /** Runs `work` while nobody else starts or stops this server. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    mkdirSync(dirname(this.database), { recursive: true });
    mkdirSync(this.#users, { recursive: true });
    const release = await lock(this.#users, { retries: { forever: true, minTimeout: 50, maxTimeout: 500 } });
    try {
      return await work();
    } finally {
      await release();
    }
  }

  /** The server that runs on this database; undefined where none does. */
  running(): DevServerRecord | undefined {
    try {
      const record = JSON.parse(readFileSync(this.#record, 'utf8')) as DevServerRecord;
      return isAlive(record.pid) ? record : undefined;
    } catch {
      return undefined; // never started, or stopped
    }
  }

  write(record: DevServerRecord): void {
    writeFileSync(this.#record, JSON.stringify(record));
  }

  clear(): void {
    rmSync(this.#record, { force: true });
  }

  /** Notes that this process uses the server, and whether it keeps workers running as long as it lives. */
  join(keepsWorkers: boolean): void {
    writeFileSync(join(this.#users, String(process.pid)), keepsWorkers ? KEEPER : '');
  }

  /** The process that keeps workers running; undefined where none does. */
  keeper(): number | undefined {
    const users = readdirSync(this.#users).filter(user => readFileSync(join(this.#users, user), 'utf8') === KEEPER);
    return users.map(Number).find(isAlive);
  }

  /** Forgets this process; true where no other one that lives uses the server. */
  leave(): boolean {
    rmSync(join(this.#users, String(process.pid)), { force: true });
    for (const user of readdirSync(this.#users)) {
      if (isAlive(Number(user))) return false;
      rmSync(join(this.#users, user), { force: true });
    }
    return true;
  }
}

/** Whether a process of this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
