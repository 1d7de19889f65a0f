"""The samplers by name. Those of Optuna keep its defaults where nothing else is said."""

from own_class import own_class


def tpe(seed, **_):
    """Multivariate for one metric and with a constant liar for what runs, as Optuna 5 does by default (arXiv 2304.11127).

    That there are enough trials to learn from is seen to by who asks.
    """
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed, n_startup_trials=0)


def gp(seed, **_):
    """A Gaussian process with Matérn 5/2 and log EI; of what runs it draws fantasies (qLogEI)."""
    import torch
    from optuna.samplers import GPSampler

    torch.set_num_threads(1)
    return GPSampler(seed=seed, n_startup_trials=0)


def cmaes(axes, seed, sweep_seed, **_):
    from replayed_cma import ReplayedCma

    return ReplayedCma(axes, seed=seed, sweep_seed=sweep_seed)


def qmc(axes, sweep_seed, index, **_):
    from sobol_point import SobolPoint

    return SobolPoint(axes, sweep_seed=sweep_seed, index=index)


def nsga2(seed, **_):
    from generations import Generations

    return Generations(seed=seed)


SAMPLERS = {"tpe": tpe, "gp": gp, "cmaes": cmaes, "qmc": qmc, "nsga2": nsga2}


def make_sampler(name, axes, *, seed, sweep_seed, index, base_dir):
    """`seed` is of one point, `sweep_seed` of the sweep, `index` counts trials from 0; `base_dir` is where a user's module is."""
    make = SAMPLERS.get(name)
    if make is None:
        return own_class(name, base_dir)(seed=seed)
    return make(axes=axes, seed=seed, sweep_seed=sweep_seed, index=index)


def notes_for(name, trials):
    """What a sampler of Optuna would have noted at each trial, where it needs that."""
    if name != "nsga2":
        return [{} for _ in trials]
    from generations import generation_attributes

    return generation_attributes(trials)
