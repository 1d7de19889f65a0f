import math
import warnings

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import TrialState, create_trial

from axes import distributions_of
from failure import Failure
from samplers import make_sampler, notes_for
from seeds import seed_of

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "running": TrialState.RUNNING}


class PastStudy:
    """A study as it would be, had Optuna seen all trials of the sweep's history."""

    def __init__(self, sampler, seed, directions, space, trials, base_dir):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", ExperimentalWarning)
        self.name, self.seed, self.base_dir = sampler, seed, base_dir
        self.axes = distributions_of(space)
        # The sampler given here is never asked.
        self.study = optuna.create_study(directions=directions, sampler=optuna.samplers.RandomSampler(seed=0))
        notes = notes_for(sampler, trials)
        self.study.add_trials(
            create_trial(
                state=STATES[trial["state"]],
                params=dict(zip(self.axes, trial["point"])),
                distributions=self.axes,
                values=trial["values"],
                intermediate_values={step: value for step, value in trial["rungs"]},
                system_attrs=note,
            )
            for trial, note in zip(trials, notes)
        )
        # Of the trial that a point is asked for.
        self.open = None

    def ask(self, number, attempt):
        """Draws the point of a trial, by what any sampler offers; the trial stays without it until it is taken."""
        seed = seed_of(self.seed, number, attempt)
        sampler = make_sampler(
            self.name, self.axes, seed=seed, sweep_seed=self.seed, index=number - 1, base_dir=self.base_dir
        )
        if self.open is None:
            self.open = self.study._storage.create_new_trial(self.study._study_id)
        trial = self.study._storage.get_trial(self.open)
        sampler.before_trial(self.study, trial)
        relative = sampler.infer_relative_search_space(self.study, trial)
        drawn = sampler.sample_relative(self.study, trial, relative)
        return [self._checked(name, axis, drawn, sampler, trial) for name, axis in self.axes.items()]

    def _checked(self, name, axis, drawn, sampler, trial):
        value = drawn[name] if name in drawn else sampler.sample_independent(self.study, trial, name, axis)
        is_number = isinstance(value, (int, float)) or hasattr(value, "item")
        if not is_number or not math.isfinite(value) or not axis._contains(axis.to_internal_repr(value)):
            raise Failure(f"it answered {name} = {value!r}, which is not in {axis}")
        return value.item() if hasattr(value, "item") else value

    def take(self, point):
        """The point that was asked for runs, as what its values are (a whole number, say, and not the drawn one beside it)."""
        for (name, axis), value in zip(self.axes.items(), point):
            self.study._storage.set_trial_param(self.open, name, axis.to_internal_repr(value), axis)
        self.open = None
