/** Thrown when set-up cannot go on. The message says why and what would help; it is shown without a stack. */
export class SetupFailure extends Error {
  /** @override */
  name = 'SetupFailure';
}
