// A Ray cluster of one node on loopback, started as an operator starts one: `ray start --head`.

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { pythonOf } from '../../activities/runtime/paths.ts';
import { freePorts } from './free-ports.ts';

/** Who may use a cluster of a test, and that it listens on loopback: in the environment of its nodes and of its users. */
export interface RayAccess {
  RAY_AUTH_MODE: 'token';
  RAY_AUTH_TOKEN: string;
  RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER: '0';
}

export interface RayCluster {
  /** As `ray_address` takes it. */
  address: string;
  /** Whether its head is there still. */
  readonly up: boolean;
  stop(): Promise<void>;
}

/** Starts a head with two CPUs, whose files are in `folder`: a short path, for Ray's sockets are in it. Rejects with Ray's last lines if it does not come up. */
export async function startRayCluster(folder: string, access: RayAccess): Promise<RayCluster> {
  // Ports that Ray's agents choose themselves are waited for 15 s only, which is too short for a busy machine.
  const [port, agent, agentGrpc, metrics, environments] = await freePorts(5);
  const args = [
    ...[
      'start',
      '--head',
      '--block',
      '--disable-usage-stats',
      '--include-dashboard=false',
      '--node-ip-address=127.0.0.1',
    ],
    ...['--num-cpus=2', `--object-store-memory=${100 * 2 ** 20}`, '--min-worker-port=0', '--max-worker-port=0'],
    ...[`--temp-dir=${folder}`, `--port=${port}`, `--dashboard-agent-listen-port=${agent}`],
    ...[
      `--dashboard-agent-grpc-port=${agentGrpc}`,
      `--metrics-export-port=${metrics}`,
      `--runtime-env-agent-port=${environments}`,
    ],
  ];
  const env = { ...access, RAY_raylet_start_wait_time_s: '120', RAY_agent_register_timeout_ms: '120000' };
  const head = execa(join(pythonOf('data-juicer'), '..', 'ray'), args, {
    env,
    all: true,
    reject: false,
    cleanup: true,
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: head.all }).on('line', line => {
      if (line.includes('Ray runtime started')) resolve();
    });
    head.then(({ all }) => reject(new Error(`the Ray cluster did not start:\n${all}`)), reject);
  });
  return {
    address: `127.0.0.1:${port}`,
    get up() {
      return head.exitCode === null;
    },
    async stop() {
      head.kill('SIGTERM');
      await head;
    },
  };
}
