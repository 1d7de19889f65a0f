const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Someone wants this process to end: Ctrl-C, `kill`, a closed terminal. */
export interface Interruption {
  /** Aborted at the first of them. */
  signal: AbortSignal;
  /** Leaves further ones to Node: they end the process. */
  close: () => void;
}

/** Listens for Ctrl-C and the like, once; a second one ends the process at once. */
export function onInterruption(): Interruption {
  const controller = new AbortController();
  const close = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  const interrupt = () => {
    close();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return { signal: controller.signal, close };
}
