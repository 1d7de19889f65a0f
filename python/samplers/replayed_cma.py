import numpy as np
from cmaes import CMA
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import TrialState

from failure import Failure
from seeds import seed_of

# A sixth of the cube's edge, as in Optuna.
SIGMA = 1 / 6


class ReplayedCma(BaseSampler):
    """CMA-ES (arXiv 1604.00772) in the unit cube, its state found again by telling it all finished trials in the order of their ends.

    Optuna's own keeps the pickled optimizer in its storage. Here each λ finished trials are a generation, also where some were drawn from an
    earlier one or are the user's. What runs is not told: draws of one generation do not depend on each other. Where the search has converged it
    starts again, from another place with twice the λ. Parameters without order are left to TPE.
    """

    def __init__(self, axes, seed, sweep_seed):
        self.axes = {name: axis for name, axis in axes.items() if not isinstance(axis, CategoricalDistribution)}
        self.seed = seed
        self.sweep_seed = sweep_seed
        self.others = TPESampler(seed=seed, n_startup_trials=0, multivariate=False)

    def infer_relative_search_space(self, study, trial):
        if len(study.directions) > 1:
            raise Failure("it takes one metric; nsga2 takes several")
        return self.axes

    def sample_relative(self, study, trial, search_space):
        if not search_space:
            return {}
        sign = 1 if study.direction == StudyDirection.MINIMIZE else -1
        finished = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
        told = [(np.array([to_unit(axis, t.params[name]) for name, axis in search_space.items()]), sign * t.value) for t in finished]
        drawn = self._after(told, len(search_space)).ask()
        return {name: from_unit(axis, u) for (name, axis), u in zip(search_space.items(), drawn)}

    def sample_independent(self, study, trial, param_name, param_distribution):
        return self.others.sample_independent(study, trial, param_name, param_distribution)

    def _after(self, told, dimensions):
        """The optimizer after what it was told; it has drawn nothing yet, so that its first draw depends on its seed only."""
        optimizer, starts = self._started(np.full(dimensions, 0.5), None), 1
        while len(told) >= optimizer.population_size:
            size = optimizer.population_size
            generation, told = told[:size], told[size:]
            optimizer.tell(generation)
            if optimizer.should_stop():
                place = np.random.RandomState(seed_of(self.sweep_seed, "start", starts)).rand(dimensions)
                optimizer, starts = self._started(place, 2 * size), starts + 1
        return optimizer

    def _started(self, mean, population_size):
        bounds = np.tile([0.0, 1.0], (len(mean), 1))
        return CMA(mean=mean, sigma=SIGMA, bounds=bounds, seed=self.seed, population_size=population_size)


def to_unit(axis, value):
    """The middle of a step's share of the line."""
    return (value + 0.5) / (axis.high + 1) if isinstance(axis, IntDistribution) else value


def from_unit(axis, unit):
    return min(int(unit * (axis.high + 1)), axis.high) if isinstance(axis, IntDistribution) else float(unit)
