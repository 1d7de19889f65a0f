from optuna.samplers import QMCSampler


class SobolPoint(QMCSampler):
    """The point of a scrambled Sobol' sequence that has the trial's index: Optuna counts in its storage, which is not kept here.

    All points of a sweep are of one sequence. The history does not matter.
    """

    def __init__(self, axes, sweep_seed, index):
        super().__init__(scramble=True, seed=sweep_seed)
        self.axes = axes
        self.index = index

    def infer_relative_search_space(self, study, trial):
        return self.axes

    def _find_sample_id(self, study, search_space):
        return self.index
