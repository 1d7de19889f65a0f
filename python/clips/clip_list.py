"""Which clips are cut from which source, as data: one line a clip."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Clip:
    """One clip: where it comes from, what is shown, and how it was made worse."""

    name: str
    source: str
    """File name of the source video, without `.mp4`."""
    start: int
    """First source frame."""
    seconds: float
    caption: str
    box: Box = WHOLE
    """Part of the picture: left, top, right, bottom as fractions."""
    size: tuple[int, int] = (160, 96)
    fps: int = 12
    degraded: str | None = None
    """What was done to it: a key of `degrade.DEGRADATIONS`, or a flaw of the line itself (`short`, `tiny`, `stretched`, `caption`)."""


BUNNY = "bigbuckbunny"
STREET = "bikes"
PHONE = "carphone_pristine"
NOISY_PHONE = "carphone_distorted"

LEFT: Box = (0.0, 0.0, 0.6, 0.64)
RIGHT: Box = (0.4, 0.1, 1.0, 0.74)
MIDDLE: Box = (0.2, 0.2, 0.8, 0.8)
HEAD: Box = (0.1, 0.05, 0.9, 0.65)

CLIPS = [
    Clip("bunny-wakes", BUNNY, 0, 2.0, "a big grey rabbit crawls out of its burrow on a green hill"),
    Clip("bunny-stretches", BUNNY, 40, 2.0, "a big grey rabbit stretches its arms in front of a tree"),
    Clip("bunny-yawns", BUNNY, 66, 2.2, "a fat rabbit stands in the grass and yawns", MIDDLE),
    Clip("bunny-rests", BUNNY, 82, 2.0, "a cartoon rabbit lets its arms sink on a sunny meadow"),
    Clip("bunny-burrow", BUNNY, 8, 2.0, "a rabbit climbs out of a dark hole between grey stones", LEFT),
    Clip("bunny-meadow", BUNNY, 30, 2.4, "a green meadow with a stone wall and trees behind it", RIGHT),
    Clip("bunny-arms", BUNNY, 54, 1.8, "an animated rabbit raises both of its arms", LEFT),
    Clip("bus-roof", STREET, 0, 1.2, "a white bus drives by, seen from above"),
    Clip("traffic-blurred", STREET, 30, 1.8, "cars in heavy traffic, the lights out of focus"),
    Clip("taxi-sign", STREET, 34, 1.6, "a white taxi with a sign on its roof passes", MIDDLE),
    Clip("vans", STREET, 76, 1.8, "two dark vans wait at a crossing in the evening sun"),
    Clip("cyclist", STREET, 92, 1.8, "a man on a bicycle rides between cars", RIGHT),
    Clip("van-drives", STREET, 86, 1.9, "a dark van drives on when the lights change", LEFT),
    Clip("square-fence", STREET, 137, 1.9, "a bicycle leans on a green fence beside a busy square"),
    Clip("square-cars", STREET, 140, 1.8, "cars drive along a square with old houses", LEFT),
    Clip("bicycle-wall", STREET, 194, 1.9, "an old bicycle stands at the wall of a house"),
    Clip("walker", STREET, 187, 1.8, "a man in black walks past a parked bicycle", LEFT),
    Clip("phone-talks", PHONE, 0, 2.0, "a man with a red bow tie talks in a driving car", HEAD),
    Clip("phone-smiles", PHONE, 60, 2.0, "a man in a dark suit smiles at the camera in a car", HEAD),
    Clip("bunny-out-of-focus", BUNNY, 20, 2.0, "a grey rabbit crawls over the grass", degraded="blur"),
    Clip("walker-out-of-focus", STREET, 190, 1.8, "a man walks in front of a house", degraded="blur"),
    Clip("bunny-frozen", BUNNY, 100, 4.0, "a rabbit stands on a meadow", degraded="freeze"),
    Clip("phone-frozen", NOISY_PHONE, 30, 4.0, "a man sits in a car", HEAD, degraded="freeze"),
    Clip("street-dark", STREET, 140, 1.8, "a bicycle at a fence at night", degraded="dark"),
    Clip("bunny-shaking", BUNNY, 0, 2.0, "a rabbit in front of its burrow", degraded="shake"),
    Clip("phone-stretched", NOISY_PHONE, 10, 2.0, "a man talks in a car", size=(240, 64), degraded="stretched"),
    Clip("taxi-stretched", STREET, 32, 1.7, "a taxi in the traffic", size=(64, 160), degraded="stretched"),
    Clip("vans-tiny", STREET, 80, 1.7, "vans at a crossing", size=(40, 24), degraded="tiny"),
    Clip("cyclist-short", STREET, 110, 0.4, "a cyclist passes", degraded="short"),
    Clip("bicycle-wrong-words", STREET, 190, 1.9, "click here to win a free phone now now now", degraded="caption"),
]
