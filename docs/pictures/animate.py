"""Makes an animated SVG of an asciicast v2: each row of the terminal is text that is shown while it stands there. Needs pyte.

    uv run --with pyte==0.8.2 docs/pictures/animate.py kill.cast docs/pictures/kill.svg
"""

import argparse
import json
import re
from collections import defaultdict
from html import escape
from itertools import groupby

import pyte

CELL, LINE, SIZE, PAD, TOP = 8.0, 18, 13.3, 14, 34
STEP = 0.2
COLOURS = {
    "default": "#c9d1d9", "black": "#6e7681", "red": "#ff7b72", "green": "#56d364", "brown": "#e3b341",
    "blue": "#79c0ff", "magenta": "#d2a8ff", "cyan": "#39c5cf", "white": "#f0f6fc",
}
STYLE = """
.w{font:%gpx ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.r text{visibility:hidden}
.r text.still{visibility:visible}
.bar{transform:scaleX(0)}
@keyframes bar{to{transform:scaleX(1)}}
@media (prefers-reduced-motion:no-preference){
.r text{animation-duration:%gs;animation-iteration-count:infinite;animation-timing-function:step-end}
.bar{animation:bar %gs linear infinite}
}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cast")
    parser.add_argument("svg")
    parser.add_argument("--speed", type=float, default=8, help="how many times as fast it is shown")
    parser.add_argument("--longest", type=float, default=1, help="seconds that a picture stands at most")
    options = parser.parse_args()
    head, *events = map(json.loads, open(options.cast, encoding="utf-8"))
    frames = shortened(frames_of(head, events), options.speed, options.longest)
    with open(options.svg, "w", encoding="utf-8") as out:
        out.write(svg(head, frames, options.speed))


def frames_of(head: dict, events: list) -> list[tuple[float, list]]:
    """What the terminal shows from when on, whenever that changes: a list of rows, each a list of (column, text, style)."""
    screen = pyte.Screen(head["width"], head["height"])
    stream = pyte.Stream(screen)
    frames: list[tuple[float, list]] = []
    for time, _, text in events:
        stream.feed(text)
        rows = [row_of(screen, y) for y in range(head["height"])]
        if frames and frames[-1][1] == rows:
            continue
        if frames and time - frames[-1][0] < STEP:
            frames[-1] = (frames[-1][0], rows)
        else:
            frames.append((time, rows))
    return frames


def row_of(screen: "pyte.Screen", y: int) -> list[tuple[int, str, tuple]]:
    cells = [(x, screen.buffer[y][x]) for x in range(screen.columns)]
    runs = []
    for style, run in groupby(cells, key=lambda cell: (cell[1].fg, cell[1].bold)):
        run = list(run)
        text = "".join(cell.data for _, cell in run)
        # SVG takes several spaces for one: each piece between them has a column of its own.
        runs += [(run[0][0] + piece.start(), piece[0], style) for piece in re.finditer(r"\S+(?: \S+)*", text)]
    return runs


def shortened(frames: list, speed: float, longest: float) -> list[tuple[float, list]]:
    """Faster, and nothing stands still for long; ends with a pause on the last one."""
    told, now = [], 0.0
    for (time, rows), following in zip(frames, [*frames[1:], None]):
        told.append((round(now, 2), rows))
        now += 4 * longest if following is None else min((following[0] - time) / speed, longest)
    return [*told, (round(now, 2), [])]


def svg(head: dict, frames: list, speed: float) -> str:
    end = frames[-1][0]
    still = len(frames) - 2
    shown: dict[tuple, list] = defaultdict(list)
    for y in range(head["height"]):
        row = [(time, rows[y] if rows else []) for time, rows in frames]
        began = 0
        for i in range(1, len(row)):
            if row[i][1] == row[began][1] and i < len(row) - 1:
                continue
            if row[began][1]:
                shown[(row[began][0], row[i][0])].append((y, row[began][1], began <= still < i))
            began = i
    width, height = head["width"] * CELL + 2 * PAD, head["height"] * LINE + TOP + PAD
    title = f"{head['title']}, {speed:g} times as fast"
    keyframes, texts = [], []
    for n, ((start, stop), rows) in enumerate(sorted(shown.items())):
        keyframes.append(keyframe(f"k{n}", start / end * 100, stop / end * 100))
        texts += [text_of(y, runs, f"k{n}", is_still) for y, runs, is_still in rows]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="t" class="w">',
        f'<title id="t">{escape(title)}</title>',
        f"<style>{STYLE % (SIZE, end, end)}{''.join(keyframes)}</style>",
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#0d1117"/>',
        f'<text x="{width / 2:g}" y="22" text-anchor="middle" fill="#8b949e">{escape(title)}</text>',
        f'<rect class="bar" x="0" y="{height - 3:g}" width="{width:g}" height="3" fill="#39c5cf"/>',
        f'<g class="r">{"".join(texts)}</g>',
        "</svg>\n",
    ])


def keyframe(name: str, start: float, stop: float) -> str:
    first = "" if start == 0 else "0%{visibility:hidden}"
    last = "" if stop >= 100 else f"{stop:.3f}%{{visibility:hidden}}"
    return f"@keyframes {name}{{{first}{start:.3f}%{{visibility:visible}}{last}to{{visibility:{'hidden' if last else 'visible'}}}}}"


def text_of(y: int, runs: list, name: str, is_still: bool) -> str:
    """A row: each run of one colour begins at its own column, so that fonts of other widths stay in place."""
    spans = "".join(
        f'<tspan x="{PAD + x * CELL:g}" textLength="{len(text) * CELL:g}" fill="{colour(style[0])}"'
        f'{" font-weight=" + chr(34) + "bold" + chr(34) if style[1] else ""}>{escape(text)}</tspan>'
        for x, text, style in runs
    )
    still = ' class="still"' if is_still else ""
    return f'<text y="{TOP + (y + 1) * LINE - 5:g}"{still} style="animation-name:{name}">{spans}</text>'


def colour(name: str) -> str:
    return COLOURS.get(name.removeprefix("bright"), f"#{name}" if len(name) == 6 and name not in COLOURS else COLOURS["default"])


if __name__ == "__main__":
    main()
