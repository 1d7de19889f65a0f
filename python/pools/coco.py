"""InternVL's COCO captions: as Data-Juicer reads them, and the meta file that InternVL's training names them by."""

import json
import os
from pathlib import Path
from typing import Any

from failure import BadInput
from job import Job
from outputs import LineFile
from samples import Sample, count_samples, read_samples, require_samples

# Data-Juicer's mark for an image in a sample's text.
IMAGE_TOKEN = "<__dj__image>"


def to_data_juicer(job: Job) -> None:
    for dataset in job.datasets:
        path = job.folder / f"{dataset.stem}_dj_fmt.jsonl"
        job.progress.phase(f"converting {dataset.path.name}")
        with LineFile(path) as output:
            for sample in read_samples(dataset.path, job.memory):
                output.write(converted(sample))
                job.progress.step(output.rows)
        require_samples(dataset.path, output.rows)
        job.samples_in += output.rows
        job.tell_made(path, output.rows)


def converted(sample: Sample) -> bytes:
    """The sample with `images` and `text`; all else stays as it is written."""
    caption = caption_of(sample)
    added = {"images": [image_of(sample)], "text": f"{IMAGE_TOKEN} {caption}"}
    if added.keys().isdisjoint(sample.value):
        ending = json.dumps(added, ensure_ascii=False).encode(errors="surrogatepass")
        return sample.text[:-1].rstrip() + b", " + ending[1:]
    return json.dumps({**json.loads(sample.text), **added}, ensure_ascii=False).encode(errors="surrogatepass")


def image_of(sample: Sample) -> str:
    image = sample.value.get("image")
    if isinstance(image, str):
        return image
    raise BadInput(f'{sample.at}: expected "image" to be a path, got {json.dumps(image)}')


def caption_of(sample: Sample) -> str:
    turns: Any = sample.value.get("conversations")
    answer = turns[1] if isinstance(turns, list) and len(turns) > 1 else None
    caption = answer.get("value") if isinstance(answer, dict) else None
    if isinstance(caption, str):
        return caption
    raise BadInput(f'{sample.at}: expected "conversations" to be a list whose second item has the caption as its "value"')


def write_meta(job: Job) -> None:
    for dataset in job.datasets:
        job.progress.phase(f"counting {dataset.path.name}")
        count = count_samples(dataset.path, job.memory)
        job.samples_in += count
        path = job.folder / f"{dataset.stem}_meta.json"
        meta = {
            "root": "data/coco/",
            "annotation": os.path.relpath(dataset.path, job.options["data_root_path"]),
            "data_augment": False,
            "repeat_time": 1,
            "length": count,
        }
        write_json(path, {dataset.stem: meta})
        job.tell_made(path, count)


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.partial")
    part.write_text(f"{json.dumps(value, ensure_ascii=False)}\n", encoding="utf-8")
    os.replace(part, path)
