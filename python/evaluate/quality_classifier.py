"""Scores texts with Data-Juicer's quality classifier (data_juicer.tools.quality_classifier) on PySpark.

    python quality_classifier.py --dataset FILE --output DIR --scratch DIR [--model gpt3|chinese|code|DIR] [--tokenizer FILE] [--text_key text] [--memory 4g]

Writes DIR/scores.jsonl, {"text", "doc_score", "should_keep"} a sample in the dataset's order, and DIR/overall.json: count, mean, std (of the
sample), min, 25%, 50%, 75%, max of doc_score, the share `kept` of scores above 0.5, and versions. Nothing is downloaded.
"""

import argparse
import json
import os
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from shutil import rmtree

import numpy as np

from java import java_home
from samples import samples, value_at
from sentence import fail

# Named models of the original, with the sentencepiece model that cuts their texts.
MODELS = {"gpt3": None, "chinese": "zh.sp.model", "code": "code.sp.model"}
LINKS = "https://dail-wlcb.oss-cn-wulanchabu.aliyuncs.com/data_juicer/models/"
PACKAGES = ("pyspark", "data_juicer", "fire", "sentencepiece")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--model", default="gpt3")
    parser.add_argument("--tokenizer")
    parser.add_argument("--text_key", default="text")
    parser.add_argument("--memory", default="4g")
    arguments = parser.parse_args()

    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        fail(f"the environment of {sys.executable} has no {', '.join(missing)}; use the locked one (`npm run setup` makes it)")
    model, tokenizer = model_of(arguments.model, arguments.tokenizer)
    arguments.output.mkdir(parents=True, exist_ok=True)
    prepare_spark(arguments.scratch)
    texts = arguments.scratch / "texts.jsonl"
    print("dj-sandbox phase: reading", flush=True)
    extract_texts(arguments.dataset, arguments.text_key, texts)
    print("dj-sandbox phase: starting Spark", flush=True)
    score(arguments, texts, model, tokenizer)


def model_of(name: str, tokenizer: str | None) -> tuple[str, str | None]:
    """Paths of the classifier and of its tokenizer; ends the program where one is not there, with where it comes from."""
    models = Path(os.environ.get("DATA_JUICER_MODELS_CACHE", Path.home() / ".cache" / "data_juicer" / "models"))
    if name in MODELS:
        tokenizer = MODELS[name] if name != "gpt3" else None
        folder = models / f"{name}_quality_model"
        if not folder.is_dir():
            fail(_fetch(f"the model {name}", f"{LINKS}{name}_quality_model.zip", f"unpack it as {folder}"))
    else:
        folder = Path(name)
        if not folder.is_dir():
            fail(f'model: "{name}" is no folder and none of {", ".join(MODELS)}; {TRAINED}')
    if not (folder / "metadata").is_dir() or not (folder / "stages").is_dir():
        fail(f"model: {folder} is no classifier, which has folders `metadata` and `stages`; {TRAINED}")
    if tokenizer is None or Path(tokenizer).is_file():
        return str(folder), tokenizer
    file = models / tokenizer
    if tokenizer not in MODELS.values():
        fail(f'tokenizer: "{tokenizer}" is no file and none of {", ".join(filter(None, MODELS.values()))}')
    if not file.is_file():
        fail(_fetch(f"the tokenizer {tokenizer}", f"{LINKS}{tokenizer}", f"put it at {file}"))
    return str(folder), str(file)


TRAINED = "`python -m data_juicer.tools.quality_classifier.train` makes one"


def _fetch(what: str, url: str, where: str) -> str:
    return f"{what} is not there, and nothing is downloaded while jobs run: fetch {url} and {where} (another folder: DATA_JUICER_MODELS_CACHE)"


def prepare_spark(scratch: Path) -> None:
    """Spark on this machine alone: this interpreter, loopback, no web page, its files in `scratch`."""
    scratch = scratch.resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
    }
    os.environ.update(
        JAVA_HOME=java_home(scratch),
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
        SPARK_LOCAL_IP="127.0.0.1",
        SPARK_LOCAL_DIRS=str(scratch),
        PYSPARK_SUBMIT_ARGS=" ".join(f"--conf {name}={quote(value)}" for name, value in settings.items()) + " pyspark-shell",
    )
    os.environ.pop("SPARK_HOME", None)


def score(arguments: argparse.Namespace, texts: Path, model: str, tokenizer: str | None) -> None:
    from data_juicer.tools.quality_classifier import qc_utils
    from pyspark.errors import PySparkException

    try:
        spark = qc_utils.init_spark(spark_executor_memory=arguments.memory, spark_driver_memory=arguments.memory)
    except PySparkException as error:
        fail(f"Spark does not start: {_first_line(error)}; its reason is above in the log (memory: {arguments.memory})")
    spark.sparkContext.setLogLevel("ERROR")
    print("dj-sandbox phase: scoring", flush=True)
    parts = arguments.output / "parts.jsonl"
    predict(qc_utils.load_dataset(spark, str(texts)), model, tokenizer, parts)
    write(arguments.output, parts)
    spark.stop()


def predict(texts, model: str, tokenizer: str | None, parts: Path) -> None:
    """Spark's own files of the texts with their scores, in the folder `parts`."""
    from data_juicer.tools.quality_classifier import qc_utils

    try:
        classifier = qc_utils.prepare_model(model)
    except Exception as error:  # Spark, Java and the files behind them fail in many ways
        fail(f"model: {model} cannot be loaded as a classifier ({_first_line(error)}); {TRAINED}")
    try:
        qc_utils.export_result(qc_utils.predict(classifier, texts, tokenizer, "label"), str(parts))
    except Exception as error:
        fail(f"model: {model} cannot score these texts ({_first_line(error)}){_about_words(error, tokenizer)}")


def extract_texts(dataset: Path, key: str, into: Path) -> None:
    """Writes {"text"} of each sample, a line each; ends the program, naming the sample, where one has no text."""
    count = 0
    with open(into, "w", encoding="utf-8") as out:
        for place, sample in samples(dataset):
            try:
                text = value_at(sample, key)
            except KeyError:
                there = f"it has {', '.join(list(sample)[:10])}" if isinstance(sample, dict) else "it is no map"
                fail(f'text_key: {dataset}, {place}: there is no "{key}" in the sample ({there})')
            if not isinstance(text, str):
                fail(f'text_key: {dataset}, {place}: "{key}" is {json.dumps(text, default=str)[:60]}, and the classifier reads text')
            count += 1
            out.write(json.dumps({"text": text}) + "\n")
    if count == 0:
        fail(f"the dataset {dataset} holds no sample")


def write(output: Path, parts: Path) -> None:
    """One file of the parts that Spark wrote, in their order, and the overall numbers."""
    scores: list[float] = []
    with open(output / "scores.jsonl", "w", encoding="utf-8") as out:
        for part in sorted(parts.glob("part-*")):
            for line in part.read_text(encoding="utf-8").splitlines():
                scores.append(json.loads(line)["doc_score"])
                out.write(f"{line}\n")
    rmtree(parts)
    found = np.array(scores)
    overall = {
        "count": len(scores),
        "mean": float(found.mean()),
        "std": float(found.std(ddof=1)) if len(scores) > 1 else 0.0,
        "min": float(found.min()),
        **{f"{percent}%": float(np.percentile(found, percent)) for percent in (25, 50, 75)},
        "max": float(found.max()),
        "kept": float((found > 0.5).mean()),
        "versions": {name: version(name) for name in ("py-data-juicer", "pyspark")},
    }
    (output / "overall.json").write_text(json.dumps(overall, indent=2) + "\n", encoding="utf-8")


def _about_words(error: Exception, tokenizer: str | None) -> str:
    if "words" not in str(error):
        return ""
    if tokenizer is None:
        return "; it was trained with a tokenizer of its own: give the same in `tokenizer`"
    return "; it cuts texts itself: leave `tokenizer` out"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__


if __name__ == "__main__":
    main()
