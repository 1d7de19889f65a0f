"""Trains with a trainer of ModelScope, `modelscope.trainers.build_trainer(…).train()`, with whole checkpoints, resuming and stopping.

    python train.py REQUEST.json

REQUEST: {"trainer": its name, "arguments": of the trainer (model, work_dir, …), "config": merged into the model's configuration;
"datasets": {"train_dataset" and "eval_dataset": path or null}, "key_remapping": column → its new name; "cache": a folder for the data as it is
read, "checkpoints": a folder, "summary": the file that is written at the end}. DJ_* in the environment are those of docs/checkpoints.md.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).resolve().parent.parent
# At the end: these folders must not hide a package.
sys.path += [str(PYTHON / "easyanimate-launch"), str(PYTHON / "evaluate")]

from dj_launch.orders import Orders, read_orders  # noqa: E402
from sentence import fail  # noqa: E402

SPLITS = {"train_dataset": "train", "eval_dataset": "val"}
# Since then the weights and the trainer's state are two files, and train() takes a checkpoint.
OLDEST = "1.3.1"


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    check_modelscope()
    phase("reading the data")
    datasets = read_datasets(request)
    phase("loading the model")
    trainer = build(request, datasets)
    phase("training")
    train(trainer, request)
    told = {"epochs": getattr(trainer, "epoch", 0), "evaluation": evaluation(trainer), "versions": versions()}
    Path(request["summary"]).write_text(json.dumps(told), encoding="utf-8")
    shutil.rmtree(request["cache"], ignore_errors=True)


def phase(name: str) -> None:
    print(f"dj-sandbox phase: {name}", flush=True)


def check_modelscope() -> None:
    """Ends the program with what is missing where this Python cannot train with ModelScope."""
    try:
        import modelscope.msdatasets
        import modelscope.trainers.hooks
    except ImportError as error:
        fail(f"this Python ({sys.executable}) cannot import modelscope.trainers: {error}; install modelscope[framework] and what its trainer imports")
    if not hasattr(modelscope.trainers.hooks, "LoadCheckpointHook"):
        fail(f"modelscope {versions().get('modelscope')} is too old to go on from a checkpoint: install {OLDEST} or newer")


def read_datasets(request: dict[str, Any]) -> dict[str, Any]:
    """The datasets that the request names, their columns called as the trainer calls them."""
    found = {name: _load(path, SPLITS[name], request["cache"]) for name, path in request["datasets"].items() if path}
    renamed = request["key_remapping"]
    columns = {name: list(getattr(dataset, "features", None) or []) for name, dataset in found.items()}
    for key, name in renamed.items():
        if columns and not any(key in each or name in each for each in columns.values()):
            there = "; ".join(f"{request['datasets'][which]} has {', '.join(each)}" for which, each in columns.items())
            fail(f'key_remapping names the column "{key}", which no dataset has: {there}')
    return {which: _rename(dataset, columns[which], renamed) for which, dataset in found.items()}


def _load(path: str, split: str, cache: str) -> Any:
    from modelscope.msdatasets import MsDataset

    try:
        dataset = MsDataset.load(path, split=split, cache_dir=cache).ds_instance
        size = len(dataset)
    except Exception as error:
        fail(f"the dataset {path} cannot be read: {_words(error)}")
    if size == 0:
        fail(f"the dataset {path} has no sample")
    return dataset


def _rename(dataset: Any, columns: list[str], renamed: dict[str, str]) -> Any:
    for key, name in renamed.items():
        if key not in columns or key == name:
            continue
        if name in columns:
            fail(f'key_remapping calls the column "{key}" "{name}", and there is a column "{name}" already')
        dataset = dataset.rename_column(key, name)
    return dataset


def build(request: dict[str, Any], datasets: dict[str, Any]) -> Any:
    """The trainer; ends the program with why it cannot be had. What may pass by itself (a GPU's memory) is raised as it is."""
    import modelscope.trainers.base
    from modelscope.trainers import build_trainer

    # It would ask the hub whether a folder of this machine is the newest there, for as long as no network answers.
    modelscope.trainers.base.check_local_model_is_latest = lambda *_, **__: None

    def modified(config: Any) -> Any:
        config.merge_from_dict(request["config"])
        return config

    arguments = {**request["arguments"], **datasets}
    try:
        return build_trainer(name=request["trainer"], default_args={**arguments, "cfg_modify_fn": modified})
    except (MemoryError, RuntimeError):
        raise
    except Exception as error:
        traceback.print_exc()
        model = request["arguments"].get("model")
        shown = f"name={request['trainer']!r}, model={model!r}"
        fail(f"modelscope.trainers.build_trainer({shown}) failed: {_words(error)}{_advice(model)}")


def train(trainer: Any, request: dict[str, Any]) -> None:
    from modelscope.trainers import EpochBasedTrainer

    if not isinstance(trainer, EpochBasedTrainer):
        print(f"train.py: {type(trainer).__name__} has a loop of its own: it is trained without checkpoints", flush=True)
        trainer.train()
        return
    from saving import STATE, register

    orders = orders_for(request)
    register(trainer, orders)
    trainer.train(**({"checkpoint_path": str(orders.start[1] / STATE)} if orders.start else {}))


def orders_for(request: dict[str, Any]) -> Orders:
    return read_orders([f"--output_dir={request['checkpoints']}"], dict(os.environ))


def evaluation(trainer: Any) -> dict[str, float]:
    from saving import numbers_in

    return numbers_in(getattr(trainer, "metric_values", None) or {})


def versions() -> dict[str, str]:
    found = {}
    for name in ("modelscope", "torch", "transformers"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _advice(model: Any) -> str:
    if not isinstance(model, str) or Path(model).exists():
        return ""
    return (
        f"; {model} is no folder here: fetch it where there is a network (modelscope download --model {model} --local_dir DIR) "
        "and name that folder in model_name"
    )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"


if __name__ == "__main__":
    main()
