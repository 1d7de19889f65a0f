import { samplerLaws } from '../../conformance/samplers.ts';

const fixtures = new URL('../../fixtures/samplers/', import.meta.url).pathname;

samplerLaws({ sampler: 'grid', enumerates: true });
samplerLaws({ sampler: 'random' });
samplerLaws({ sampler: 'tpe', learns: { trials: 30, seeds: 7, factor: 0.5 } });
samplerLaws({ sampler: 'gp', learns: { trials: 20, seeds: 3, factor: 0.1 } });
samplerLaws({ sampler: 'cmaes', learns: { trials: 40, seeds: 7, factor: 0.5 } });
samplerLaws({ sampler: 'qmc' });
samplerLaws({ sampler: 'nsga2', learns: { trials: 60, seeds: 7, factor: 0.6 } });
samplerLaws({
  sampler: 'own_samplers:NearTheBest',
  baseDir: fixtures,
  learns: { trials: 30, seeds: 3, factor: 0.5, atOnce: 10 },
});
