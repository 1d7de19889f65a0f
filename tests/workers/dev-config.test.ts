import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DevConfigError, devConfigFile, parseDevConfig, readDevConfig } from '../../workers/dev-config.ts';
import { devServerFlags } from '../../workers/dev-flags.ts';

const BEST = `server:
  ip: 127.0.0.1
database:
  file: state/dev.db
workers:
  - {name: all, kind: host, tags: [cpu]}
`;

/** BEST with one line put in another's place. */
const changed = (line: string, instead: string) => BEST.replace(line, instead);

function problems(text: string): string[] {
  try {
    parseDevConfig('/p/dev.yaml', text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DevConfigError);
    return (error as Error).message.split('\n');
  }
}

describe('temporal-dev.yaml', () => {
  it('of this package is valid, binds to loopback, and closes the HTTP API to other hosts', () => {
    const config = readDevConfig(devConfigFile());
    expect(config.server).toMatchObject({ ip: '127.0.0.1', port: 7233, ui_port: 8233 });
    expect(config.dynamic_config).toEqual({ 'matching.enableFairness': true, 'frontend.httpAllowedHosts': [] });
    expect(config.retention).toBe(30 * 86_400);
    expect(config.workers.map(worker => worker.kind)).toEqual(['control', 'host']);
  });

  it('fills in what is not said, and makes the database path absolute', () => {
    const config = parseDevConfig('/p/dev.yaml', BEST);
    expect(config.database.file).toBe('/p/state/dev.db');
    expect(config).toMatchObject({
      namespace: 'default',
      retention: 30 * 86_400,
      server: { port: 7233, ui_port: 8233, http_port: null, metrics_port: null },
      components: [],
      workers: [{ gpus: 'auto', cpu_places: 1, slots: 4, warm: true }],
    });
  });

  it.each([
    ['127.0.0.1', '127.8.9.1'],
    ['127.0.0.1', '"::1"'],
    ['127.0.0.1', 'localhost'],
    ['[cpu]}', '[cpu], gpus: [0, 1]}'],
    ['[cpu]}', '[cpu], gpus: none}'],
    ['[cpu]}', '[cpu], cpu_places: 2}'],
    ['[cpu]}', '[cpu], warm: false}'],
    ['server:\n', 'retention: 48h\nserver:\n'],
    ['server:\n', 'components: [./mine.ts, "@acme/components"]\nserver:\n'],
  ])('takes %s written as %s', (line, instead) => {
    expect(problems(changed(line, instead))).toEqual([]);
  });

  const loopback = 'expected a loopback address, such as 127.0.0.1: anyone who reaches the server may use it, got';
  it.each([
    ['127.0.0.1', '0.0.0.0', [`/p/dev.yaml:2:7 server.ip: ${loopback} "0.0.0.0"`]],
    ['127.0.0.1', '192.168.1.4', [`/p/dev.yaml:2:7 server.ip: ${loopback} "192.168.1.4"`]],
    ['ip: 127.0.0.1', 'ip: "::"', [`/p/dev.yaml:2:7 server.ip: ${loopback} "::"`]],
    [
      'ip:',
      'pi:',
      [
        '/p/dev.yaml:2:3 server.ip: "ip" is missing; expected a string',
        '/p/dev.yaml:2:3 server.pi: unknown key; did you mean "ip"?',
      ],
    ],
    [
      'database:',
      'port: 70000\ndatabase:',
      [
        '/p/dev.yaml:3:1 port: unknown key; known: server, database, namespace, retention, search_attributes, dynamic_config, components, workers',
      ],
    ],
    ['server:\n', 'server:\n  port: 70000\n', ['/p/dev.yaml:2:9 server.port: expected at most 65535, got 70000']],
    [
      'server:\n',
      'server:\n  ui_port: 7233\n',
      ['/p/dev.yaml:2:12 server.ui_port: 7233 is server.port already; take another port'],
    ],
    ['[cpu]', '[]', ['/p/dev.yaml:6:35 workers[0].tags: expected at least 1 items, got []']],
    ['kind: host', 'kind: hots', ['/p/dev.yaml:6:23 workers[0].kind: expected "control" or "host", got "hots"']],
    [
      '{name: all',
      '{name: all, kind: control}\n  - {name: all',
      ['/p/dev.yaml:7:12 workers[1].name: "all" is another worker\'s name already'],
    ],
    [
      'server:\n',
      'retention: 1w\nserver:\n',
      ['/p/dev.yaml:1:12 retention: expected a length of time such as 30d or 48h, got "1w"'],
    ],
    [
      'server:\n',
      'retention: 2h\nserver:\n',
      ['/p/dev.yaml:1:12 retention: Temporal keeps closed workflows for at least 1d'],
    ],
    [
      'server:\n',
      'search_attributes: {A: Keywrd}\nserver:\n',
      [
        '/p/dev.yaml:1:24 search_attributes.A: expected one of "Text", "Keyword", "Int", "Double", "Bool", "Datetime", "KeywordList", got "Keywrd"',
      ],
    ],
    ['server:\n', 'server: [\n', [expect.stringMatching(/^\/p\/dev\.yaml:\d+:\d+: /)]],
  ])('refuses %j written as %j, with the place and what would be right', (line, instead, expected) => {
    expect(problems(changed(line, instead))).toEqual(expected);
  });

  it('says which file is missing', () => {
    expect(() => readDevConfig('/nowhere/temporal-dev.yaml')).toThrow(
      /^\/nowhere\/temporal-dev\.yaml: there is no such file/,
    );
  });
});

describe('flags of `temporal server start-dev`', () => {
  it('say all that the file says, each value as one argument', () => {
    const text = readFileSync(devConfigFile(), 'utf8').replace('metrics_port: null', 'metrics_port: 9233');
    const flags = devServerFlags(parseDevConfig('/p/dev.yaml', text));
    const pairs = flags.slice(2).flatMap((flag, i, all) => (i % 2 === 0 ? [`${flag} ${all[i + 1]}`] : []));
    expect(flags.slice(0, 2)).toEqual(['server', 'start-dev']);
    expect(pairs).toEqual([
      '--ip 127.0.0.1',
      '--port 7233',
      '--ui-ip 127.0.0.1',
      '--ui-port 8233',
      '--metrics-port 9233',
      '--db-filename /p/.sandbox/temporal/dev.db',
      '--namespace default',
      '--log-level warn',
      '--sqlite-pragma journal_mode=WAL',
      '--sqlite-pragma synchronous=NORMAL',
      '--search-attribute SandboxProject=Keyword',
      '--search-attribute SandboxExperiment=Keyword',
      '--search-attribute SandboxStage=Keyword',
      '--search-attribute SandboxJob=Keyword',
      '--search-attribute SandboxState=Keyword',
      '--search-attribute SandboxTrial=Int',
      '--search-attribute SandboxStep=Int',
      '--search-attribute SandboxObjective=Double',
      '--dynamic-config-value matching.enableFairness=true',
      '--dynamic-config-value frontend.httpAllowedHosts=[]',
    ]);
  });

  it('leave the Web UI out where it has no port', () => {
    const flags = devServerFlags(parseDevConfig('/p/dev.yaml', changed('server:\n', 'server:\n  ui_port: null\n')));
    expect(flags).toContain('--headless');
    expect(flags).not.toContain('--ui-port');
  });
});
