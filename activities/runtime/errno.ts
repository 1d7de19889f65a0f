const MEANING: Record<string, [what: string, advice: string]> = {
  ENOSPC: ['the disk is full', 'free space, then start the trial again (finished jobs are not run again)'],
  EDQUOT: ['the disk quota is used up', 'free space, then start the trial again (finished jobs are not run again)'],
  EROFS: ['the file system is read-only', 'choose a work_dir and output paths that can be written to'],
  EACCES: ['permission denied', 'choose a path that the worker may use'],
  EPERM: ['the file system does not permit it', 'choose a work_dir on a local disk that the worker may use'],
  ENOTDIR: ['a file stands where a folder is to be', 'choose another path, or move the file away'],
  ENAMETOOLONG: ['a name is too long for the file system', 'choose shorter names'],
};

/** What an error of the file system means and what to do, in one sentence; null for errors that may pass. */
export function fileSystemSentence(error: unknown): string | null {
  const { code = '', message = '' } = (error ?? {}) as NodeJS.ErrnoException;
  const known = MEANING[code];
  return known ? `${known[0]} (${message}): ${known[1]}` : null;
}
