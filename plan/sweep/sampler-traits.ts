/** How a sampler of Optuna deals with the trials so far. */
export interface SamplerTraits {
  /** So many trials must have told something before its model is asked; until then points are random. */
  learnsFrom: number;
  /** False: its points do not depend on what came of others. */
  usesHistory: boolean;
  /** It learns from trials of which only values at rungs are known. */
  knowsRungs: boolean;
  /** What is too much for it: it gets the best and the newest of the ended trials, and the newest of those that run. */
  most: { best: number; newest: number; running: number } | null;
}

const OWN: SamplerTraits = { learnsFrom: 0, usesHistory: true, knowsRungs: true, most: null };

const TRAITS: Record<string, SamplerTraits> = {
  tpe: { learnsFrom: 10, usesHistory: true, knowsRungs: true, most: { best: 500, newest: 1_500, running: 500 } },
  // Fitting takes the cube of their number.
  gp: { learnsFrom: 10, usesHistory: true, knowsRungs: false, most: { best: 100, newest: 200, running: 32 } },
  cmaes: { learnsFrom: 0, usesHistory: true, knowsRungs: false, most: null },
  qmc: { learnsFrom: 0, usesHistory: false, knowsRungs: false, most: null },
  nsga2: { learnsFrom: 0, usesHistory: true, knowsRungs: false, most: null },
};

/** Of a sampler by its name; those of a user's own are told all there is. */
export function traitsOf(sampler: string): SamplerTraits {
  return Object.hasOwn(TRAITS, sampler) ? TRAITS[sampler]! : OWN;
}
