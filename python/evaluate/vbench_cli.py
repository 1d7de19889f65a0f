"""`vbench evaluate` with the same command line, and without what breaks VBench's own console script.

    python vbench_cli.py evaluate --ngpus N --videos_path DIR --output_path DIR --dimension D [any other flag of `vbench evaluate`]

VBench's console script joins its arguments to a shell line, takes `python` from PATH and exits 0 whatever happens. This one starts
the same program, vbench/launch/evaluate.py, as an argv: under torch.distributed.run on N GPUs (exit status kept), or in this process on
a CPU where N is 0 or no GPU is there. VBench drops videos that it cannot read from a mean, so they are read first.
"""

import argparse
import os
import sys
import types
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from sentence import fail
from videos import check_videos, video_files

SUFFIXES = (".mp4", ".gif")


def main() -> None:
    parser = argparse.ArgumentParser(prog="vbench_cli.py", allow_abbrev=False)
    parser.add_argument("command", choices=["evaluate"])
    parser.add_argument("--ngpus", type=int, default=1)
    parser.add_argument("--videos_path", type=Path, required=True)
    arguments, rest = parser.parse_known_args()
    if find_spec("vbench") is None:
        fail(f"the package `vbench` is not installed in the environment of {sys.executable}: pip install vbench")
    check_videos(video_files(arguments.videos_path, SUFFIXES))
    rest = [f"--videos_path={arguments.videos_path}", *rest]
    import torch

    on_gpus = arguments.ngpus > 0 and torch.cuda.is_available()
    device = f"{arguments.ngpus}x{torch.cuda.get_device_name().replace(' ', '-')}" if on_gpus else "cpu"
    print(f"vbench_cli: vbench {version('vbench')}, torch {torch.__version__}, on {device}", flush=True)
    if on_gpus:
        _on_gpus(arguments.ngpus, rest)
    _on_cpu(rest)


def _on_gpus(count: int, rest: list[str]) -> None:
    """Becomes torch.distributed.run over VBench's own program."""
    program = Path(find_spec("vbench").submodule_search_locations[0]) / "launch" / "evaluate.py"
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(count)]
    os.execv(sys.executable, [sys.executable, *launcher, str(program), *rest])


def _on_cpu(rest: list[str]) -> None:
    """Runs VBench's own program here, with a CPU where it names `cuda`, and without the NCCL group that only GPUs can form."""
    import torch

    _without_dynamo()
    import vbench.launch.evaluate as program

    program.dist_init = lambda: None
    program.torch = types.SimpleNamespace(device=lambda _: torch.device("cpu"))
    sys.argv = ["vbench evaluate", *rest]
    program.main()


def _without_dynamo() -> None:
    """Imports torchvision without torch._dynamo, which costs half of VBench's start-up and serves one question about compiling."""
    names = ("torch._dynamo", "torch._dynamo.utils")
    if any(name in sys.modules for name in names):
        return
    package, utils = (types.ModuleType(name) for name in names)
    utils.is_compile_supported = lambda _: False
    package.utils = utils
    sys.modules.update(zip(names, (package, utils)))
    try:
        import torchvision  # noqa: F401
    finally:
        for name in names:
            del sys.modules[name]


if __name__ == "__main__":
    main()
