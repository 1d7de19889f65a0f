/** Variables that are the worker's own business: its connection to Temporal with its secrets, and options of its Node. */
const WITHHELD = /^(TEMPORAL_|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$)/;

/** The worker's environment without what a program must not get. */
export function programEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !WITHHELD.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}
