// A worker that knows the no-op component: run.mjs no-op/worker.ts control|host <address>
import type { Component } from '../../activities/component.ts';
import { components, registry } from '../../activities/components.ts';
import type { ComponentSpec } from '../../plan/component.ts';
import { runControlWorker } from '../../workers/control.ts';
import { runHostWorker } from '../../workers/host.ts';
import { noOp } from './component.ts';

// The lists are constant in the product; here they are made longer before any worker reads them.
(components as Component[]).push(noOp);
(registry as ComponentSpec[]).push(noOp);

const [kind, address = ''] = process.argv.slice(3);
const endpoint = { address, namespace: 'default', options: {} };
const ready = () => console.log('ready');

if (kind === 'control') await runControlWorker(endpoint, {}, ready);
else
  await runHostWorker(
    endpoint,
    { tags: [noOp.resources.tag], gpus: 'none', cpuPlaces: 1, slots: 4, warm: false },
    ready,
  );
