import type { DevConfig } from './dev-config.ts';

/** The configuration as arguments of `temporal`. */
export function devServerFlags(config: DevConfig): string[] {
  const { server, database, namespace, search_attributes, dynamic_config } = config;
  const flags = ['server', 'start-dev', '--ip', server.ip, '--port', String(server.port)];
  if (server.ui_port === null) flags.push('--headless');
  else flags.push('--ui-ip', server.ip, '--ui-port', String(server.ui_port));
  if (server.http_port !== null) flags.push('--http-port', String(server.http_port));
  if (server.metrics_port !== null) flags.push('--metrics-port', String(server.metrics_port));
  flags.push('--db-filename', database.file, '--namespace', namespace, '--log-level', 'warn');
  for (const [pragma, value] of Object.entries(database.pragmas)) flags.push('--sqlite-pragma', `${pragma}=${value}`);
  for (const [key, type] of Object.entries(search_attributes)) flags.push('--search-attribute', `${key}=${type}`);
  for (const [key, value] of Object.entries(dynamic_config)) {
    flags.push('--dynamic-config-value', `${key}=${JSON.stringify(value)}`);
  }
  return flags;
}
