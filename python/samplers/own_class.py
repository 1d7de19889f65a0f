import importlib
import inspect
import sys
from functools import cache

from failure import Failure


@cache
def own_class(name, base_dir):
    """The class that `module:Class` names; the module is found in `base_dir`, or where Python finds it."""
    from optuna.samplers import BaseSampler

    module_name, _, class_name = name.partition(":")
    if base_dir not in sys.path:
        sys.path.insert(0, base_dir)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise Failure(f"module {module_name} cannot be imported from {base_dir}: {error}") from error
    found = getattr(module, class_name, None)
    if not inspect.isclass(found) or not issubclass(found, BaseSampler):
        raise Failure(f"{module_name} has no class {class_name} derived from optuna.samplers.BaseSampler")
    try:
        inspect.signature(found).bind(seed=0)
    except TypeError as error:
        raise Failure(f"{class_name}(seed=…) must make one: {error}") from error
    return found
