"""What doubles' notes let out, and what they keep: residual identifiers, rare rows of words, classifiers, attacks.

python benchmarks/doubles_notes.py                   a generated cohort of 1,000 patients, and the families of dev_fr
python benchmarks/doubles_notes.py --patients 300    a smaller one
python benchmarks/doubles_notes.py --rounds 5        the leave-out attack on the notes alone, so many rounds

Asked: no residual identifier, no row of eight words of fewer than k patients, classifiers within 5 points. ``dev_fr``
(SOSIE_BENCH_DATA) is for measuring: each document is its own patient, its family its kind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sosie import doubles
from sosie.attack import leave_out
from sosie.cohort import Cohort
from sosie.engine import silent
from sosie.intake import Source
from sosie.manifest import Manifest, NotesManifest
from sosie.notes.doubles.residual import residual
from sosie.notes.modality import Notes
from sosie.release.method import Method
from sosie.stream import NOTHING
from sosie.synthesis.catalogue import Setting
from tests.notes.wards import write

DATA = Path(os.environ.get("SOSIE_BENCH_DATA", "../shared/data"))
FAMILIES = Manifest(notes={"*": NotesManifest(text="text", kind="family", document="id")})


def main() -> None:
    """Print the figures of each cohort."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.jsonl"
        write(path, arguments.patients)
        measure(f"generated, {arguments.patients} patients", path, Manifest(), arguments)
    path = DATA / "notes" / "dev_fr.jsonl"
    if path.is_file():
        measure("families of dev_fr", path, FAMILIES, arguments)


def measure(title: str, path: Path, manifest: Manifest, arguments: argparse.Namespace) -> None:
    rng = np.random.default_rng(arguments.seed)
    notes, clock = Notes(), time.perf_counter()
    part = notes.attend(notes.read(path, manifest), manifest, NOTHING, arguments.jobs, silent)
    cohort = Cohort(part.keys, {"notes": part})
    print(f"\n{title}: {len(part.keys)} patients, {time.perf_counter() - clock:.0f} s to read")
    synthesizer = Setting.default(arguments.synthesizer).build(manifest.k)
    clock = time.perf_counter()
    drawn = doubles.make(cohort, {"notes": notes}, manifest, synthesizer, len(cohort), rng)
    seconds = time.perf_counter() - clock
    made = doubles.finished(drawn, cohort, {"notes": notes}, manifest, arguments.jobs).parts["notes"]
    before = residual(drawn.parts["notes"], rng, most=len(part.keys))  # type: ignore[arg-type]
    found: dict[str, Any] = dict(notes.compare(part, made, manifest, rng))  # type: ignore[arg-type]
    attacks = found["attacks"]
    every = residual(made, rng, most=len(part.keys))  # type: ignore[arg-type]
    print(f"  one release                   {seconds:.1f} s, {found['notes']['doubles']} notes")
    print(f"  residual identifiers          {every['found']} in {every['notes']} notes   (asked 0)")
    print(f"  before the last look          {before['found']}")
    print(f"  rare rows of eight words      {attacks['rare_rows']}   (asked 0)")
    for one in found["downstream"]:
        print(f"  {one['target']:28}  {one['original']:.3f} -> {one['doubles']:.3f}   (asked within .05)")
    for name in ("kinds_similarity", "facts_similarity", "measures_similarity"):
        print(f"  {name:28}  {found[name]}")
    print(f"  words shared by k patients    {found['vocabulary']}")
    print(f"  nearest patient               {attacks['nearest']}")
    print(f"  planted sentences             {attacks['canaries']}")
    if arguments.rounds:
        source = Source(title, cohort, {"notes": notes}, (), manifest)
        method = Method.of(source, synthesizer, len(cohort))
        replicates = leave_out.replicate(method.patients, method.release, rounds=arguments.rounds, rng=rng)
        judged = leave_out.membership(replicates, rng)
        print(f"  membership AUC                {judged.auc.value:.3f} (95 %: {judged.auc.upper_95:.3f})")
        print(f"  TPR at 1 % FPR                {judged.tpr.value:.3f} (95 %: {judged.tpr.upper_95:.3f})")
        print(f"  isolated tenth                {judged.isolated_auc.value:.3f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What doubles' notes let out, and what they keep.")
    parser.add_argument("--patients", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--synthesizer", default="trees")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
