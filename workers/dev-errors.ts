/** Thrown when temporal-dev.yaml cannot be used; the message has every problem as `file:line:col path: what, what would be right`. */
export class DevConfigError extends Error {
  override name = 'DevConfigError';
}

/** Thrown when the development server cannot be started or used; the message is one sentence: what is wrong, and what would help. */
export class DevServerError extends Error {
  override name = 'DevServerError';
}
