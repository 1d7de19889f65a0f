"""The measures of generated videos by name, and the networks that they were defined with."""

from dataclasses import dataclass, field
from typing import Any

from clips import Clip

NVIDIA = "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics"

FEATURES = {"return_features": True}
CLIP_FEATURES = {"rescale": True, "resize": True, "return_features": True}
MOST_FRAMES = 50_000
DRAWS = 2048


@dataclass(frozen=True)
class Network:
    """A network to fetch, and its name in Data-Juicer's folder of models."""

    file: str
    url: str


INCEPTION = Network("inception-2015-12-05.pt", f"{NVIDIA}/inception-2015-12-05.pt")
VGG = Network("vgg16.pt", f"{NVIDIA}/vgg16.pt")
I3D = Network("i3d_torchscript.pt", "https://www.dropbox.com/s/ge9e5ujwgetktms/i3d_torchscript.pt?dl=1")
C3D = Network("c3d_ucf101.pt", "https://www.dropbox.com/s/jxpu7avzdc9n97q/c3d_ucf101.pt?dl=1")


@dataclass(frozen=True)
class Measure:
    """`kind`: frechet, kernel, score or manifold. Without `clip` it is one of single frames."""

    kind: str
    network: Network
    clip: Clip | None = None
    factor: float = 1
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def needs_real(self) -> bool:
        return self.kind != "score"


MEASURES = {
    "fid50k": Measure("frechet", INCEPTION, options=FEATURES),
    "kid50k": Measure("kernel", INCEPTION, factor=1000, options=FEATURES),
    "is50k": Measure("score", INCEPTION, options={"no_output_bias": True}),
    "pr50k_3n": Measure("manifold", VGG, options=FEATURES),
    "fvd2048_16f": Measure("frechet", I3D, Clip(16), options=CLIP_FEATURES),
    "fvd2048_128f": Measure("frechet", I3D, Clip(128), options=CLIP_FEATURES),
    "fvd2048_128f_subsample8f": Measure("frechet", I3D, Clip(16, 8), options=CLIP_FEATURES),
    "kvd2048_16f": Measure("kernel", I3D, Clip(16), options=CLIP_FEATURES),
    "isv2048_ucf": Measure("score", C3D, Clip(16)),
    "prv2048_3n_16f": Measure("manifold", I3D, Clip(16), options=CLIP_FEATURES),
}

# The fewest videos (or, of measures of frames, frames) that a kind is defined for.
FEWEST = {"frechet": 2, "kernel": 2, "score": 10, "manifold": 4}
