"""Whether a file is TorchScript, seen without torch, which takes seconds to import."""

import zipfile
from pathlib import Path

from sentence import fail


def check_torchscript(path: Path) -> None:
    """Ends the program where a file is no archive of a network with its code."""
    if not zipfile.is_zipfile(path):
        fail(not_torchscript(path, "it is no archive as torch.jit.save writes one"))
    with zipfile.ZipFile(path) as archive:
        if not any(name.endswith("/constants.pkl") for name in archive.namelist()):
            fail(not_torchscript(path, "the archive holds values and no code"))


def not_torchscript(path: Path, why: str) -> str:
    return (
        f"detector_path: {path} is not TorchScript ({why}); weights alone (a state_dict) do not say what the network is: "
        "load them into it and save torch.jit.script(network)"
    )
