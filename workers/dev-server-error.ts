/** Thrown when the development server cannot be started or used; the message is one sentence: what is wrong, and what would help. */
export class DevServerError extends Error {
  override name = 'DevServerError';
}
