"""Time and memory of `sosie deidentify` as notes grow in number: the whole command, files in, files out, every core.

python benchmarks/notes_growth.py                         1,000, 10,000 and 100,000 notes (about half an hour)
python benchmarks/notes_growth.py --sizes 1000 10000

The notes are the marked French ones of ``exam/``, each time with other people: names drawn from all of them, figures
of what identifies drawn anew. One JSONL file, half of the patients with several notes.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from layout import figure, show
from marked import EXAMS, load

HEADINGS = ("notes", "seconds", "notes a second", "ms a note", "peak MB of the largest process", "ratio to the first")
NAMES = ("NOM", "PRENOM")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    asked = parser.parse_args()
    rows, first = [], 0.0
    for size in asked.sizes:
        # A process of its own for each size: the peak of memory is that of its children alone.
        measured = json.loads(
            subprocess.run(
                [sys.executable, __file__, "--one", str(size)], check=True, capture_output=True, text=True
            ).stdout
        )
        each = measured["seconds"] / size
        first = first or each
        rows.append(
            [
                f"{size:,}",
                figure(measured["seconds"], 1),
                figure(1 / each, 0),
                figure(1000 * each, 1),
                figure(measured["peak_mb"], 0),
                figure(each / first, 2),
            ]
        )
    print(show("`sosie deidentify`, one JSONL of notes, start of the program included", HEADINGS, rows, markdown=True))


def one(size: int) -> None:
    """Measure one size."""
    documents = [document for path in sorted(EXAMS.glob("fr_*.txt")) for document in load(path)]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "notes.jsonl"
        with source.open("w", encoding="utf-8") as file:
            file.writelines(_lines(documents, size, random.Random(0)))
        clock = time.perf_counter()
        command = [sys.executable, "-m", "sosie", "deidentify", str(source), "--out", str(Path(folder) / "out")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - clock
    print(json.dumps({"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}))


def _lines(documents: Sequence[dict[str, Any]], size: int, rng: random.Random) -> Iterator[str]:
    names = {label: [e["text"] for d in documents for e in d["entities"] if e["label"] == label] for label in NAMES}
    for number in range(size):
        text = _of_others(documents[number % len(documents)], names, rng)
        told = {"id": f"n{number}", "patient": f"p{number - number % 3 if number % 6 < 3 else number}", "text": text}
        yield f"{json.dumps(told, ensure_ascii=False)}\n"


def _of_others(document: dict[str, Any], names: dict[str, list[str]], rng: random.Random) -> str:
    text, at = "", 0
    for entity in document["entities"]:
        told = entity["text"]
        if entity["label"] in NAMES:
            told = rng.choice(names[entity["label"]])
        else:
            told = "".join(str(rng.randrange(10)) if sign.isdigit() else sign for sign in told)
        text, at = text + document["text"][at : entity["start"]] + told, entity["end"]
    return text + document["text"][at:]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]))
    else:
        main()
