// Components of the original that this version compiles but does not run, so that published configs can be checked and planned.
import type { ComponentRegistry } from './component.ts';
import { DECLARED_TRAINERS } from './declared-models.ts';

/** Everything that the original offers and this version does not run. */
export const DECLARED_COMPONENTS: ComponentRegistry = DECLARED_TRAINERS;
