// Who may ask: pages of this server and people at this machine, not other sites that a browser has open beside it.

import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { MiddlewareHandler } from 'hono';
import { LIVE_POLICY } from '../../report/page.ts';

export interface GuardOptions {
  /** What the server listens on, as the user gave it. */
  host: string;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Answers only GET and HEAD, only under names that are this server's (a site that has its own name resolve to 127.0.0.1 asks under that name), and
 * nothing that another site's page asked for, but for a link that somebody followed. Every answer forbids frames, sniffing and foreign content.
 */
export function guard({ host }: GuardOptions): MiddlewareHandler {
  const isOurs = knownHosts(host);
  return async (c, next) => {
    const refused = refusal(c.req.method, name => c.req.header(name), isOurs);
    if (refused)
      c.res = c.text(`${refused.why}\n`, refused.status, refused.status === 405 ? { Allow: 'GET, HEAD' } : {});
    else await next();
    for (const [name, value] of HEADERS) c.res.headers.set(name, value);
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-cache');
  };
}

const HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', `${LIVE_POLICY}; frame-ancestors 'none'`],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
];

interface Refusal {
  status: 403 | 405 | 421;
  why: string;
}

function refusal(
  method: string,
  header: (name: string) => string | undefined,
  isOurs: (name: string) => boolean,
): Refusal | null {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, why: 'These pages are to be read only: GET and HEAD are answered.' };
  const asked = header('host') ?? '';
  if (!isOurs(hostOf(asked)))
    return {
      status: 421,
      why: 'This server does not answer under that name: use the address that `dj-sandbox ui` has printed.',
    };
  const { origin, site, mode, dest } = {
    origin: header('origin'),
    site: header('sec-fetch-site'),
    mode: header('sec-fetch-mode'),
    dest: header('sec-fetch-dest'),
  };
  const isForeign = origin !== undefined && origin !== `http://${asked}`;
  const isAside = site !== undefined && site !== 'same-origin' && site !== 'none';
  // A link that was followed shows a page to the person, and nothing to the site that it stood on.
  const isLink = mode === 'navigate' && dest === 'document' && origin === undefined;
  if (isForeign || (isAside && !isLink)) return { status: 403, why: 'Pages of other sites are not answered.' };
  return null;
}

/** The name in a Host header, without its port: a tunnel may come in at another. */
function hostOf(header: string): string {
  return header.toLowerCase().replace(/:\d+$/, '');
}

/** On all addresses this machine's name counts as well, and any address: no site can make an address its own name. */
function knownHosts(host: string): (name: string) => boolean {
  if (isLoopback(host)) return name => LOOPBACK.has(name);
  const own = new Set([...LOOPBACK, host.toLowerCase(), hostname().toLowerCase()]);
  return name => own.has(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Whether only this machine can connect to a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
