"""Parameters as Optuna knows them. Each is one coordinate of a point."""

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

# By `kind`: `choice` is an index without order, `steps` an index into values in order, `line` a number from 0 to 1.
DISTRIBUTIONS = {
    "choice": lambda axis: CategoricalDistribution(tuple(range(axis["count"]))),
    "steps": lambda axis: IntDistribution(0, axis["count"] - 1),
    "line": lambda axis: FloatDistribution(0.0, 1.0),
}


def distributions_of(space):
    """Name → distribution, in the order of the space."""
    return {axis["name"]: DISTRIBUTIONS[axis["kind"]](axis) for axis in space}
