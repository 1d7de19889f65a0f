from optuna.samplers import NSGAIISampler

# Optuna's 50 would be half of most sweeps before the first child is made.
POPULATION = 20


class Generations(NSGAIISampler):
    """NSGA-II (DOI 10.1109/4235.996017). Which generation a trial is of, of which Optuna keeps a note, follows from its place among those that ended."""

    def __init__(self, seed):
        super().__init__(seed=seed, population_size=POPULATION)

    def sample_relative(self, study, trial, search_space):
        # The oldest first: Optuna would come to each from the one after it, and Python's stack is not that deep.
        for generation in range(1, self.get_trial_generation(study, trial)):
            self.get_parent_population(study, generation)
        return super().sample_relative(study, trial, search_space)


def generation_attributes(trials):
    """The note for each trial; they are in the order of their ends."""
    key = Generations._get_generation_key()
    attributes, ended = [], 0
    for trial in trials:
        is_complete = trial["state"] == "complete"
        attributes.append({key: ended // POPULATION} if is_complete else {})
        ended += is_complete
    return attributes
