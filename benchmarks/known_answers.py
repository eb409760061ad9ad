"""Known answers: the audit of the published doubles of ACTG 175, and Anonymeter beside it on the same releases.

python benchmarks/known_answers.py                    avatar, synthpop and CTGAN on splits 0 to 4
python benchmarks/known_answers.py --anonymeter       ours and Anonymeter's figures on one split, in its own environment
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import peers
import polars as pl
from actg import data_folder
from layout import figure, show

from sosie import doubles
from sosie.cohort import Cohort, Vectors
from sosie.engine import single_threaded_libraries
from sosie.evidence import Criterion, CriterionId
from sosie.manifest import Manifest
from sosie.release import trial
from sosie.tables.modality import Tables
from sosie.tables.source import from_frame

PUBLISHED = ("avatar", "synthpop", "ctgan")
RANKED = CriterionId.REFERENCE_AUC
SHOWN = (
    *("membership.reference.auc", "membership.reference.tpr_at_1_fpr", "membership.reference.isolated_auc"),
    *("singling_out.univariate", "linkability.split_columns", "inference.nearest_double"),
    *("inference.attribute_precision", "inference.attribute_recall", "reconstruction.linear"),
)
VENV = Path(__file__).resolve().parents[1] / ".venv-bench-anonymeter"
PACKAGES = ("numpy<1.27", "anonymeter==1.1.0")
SECRETS = ("cens", "gender", "treat", "symptom", "cd40", "age")
SIDE_BY_SIDE = {
    "singling out, univariate": "singling_out.univariate",
    "singling out, multivariate": "singling_out.multivariate",
    "singling out, univariate, equal numbers": "singling_out.univariate",
    "singling out, multivariate, equal numbers": "singling_out.multivariate",
    "linkability": "linkability.split_columns",
    "inference, worst secret": "inference.nearest_double",
}
SCRIPT = """
import json, sys, warnings, logging
import numpy, pandas
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL); numpy.random.seed(0)
train, control, release, attacks, *secrets = sys.argv[1:]
train, control, release = (pandas.read_csv(path) for path in (train, control, release))
n, found = min(int(attacks), len(control)), {}
def risk(evaluator, **options):
    evaluator.evaluate(**options)
    given = evaluator.risk(confidence_level=0.9)  # its upper end is a one-sided 95 % bound
    return [given.value, given.ci[1]]
def tried(name, make, **options):
    try:
        found[name] = risk(make(), **options)
    except Exception as error:
        print(name, type(error).__name__, str(error)[:200], file=sys.stderr)
        found[name] = [float("nan")] * 2
# A guess is right where it fits one patient alone, which depends on how many there are: hence also as many patients as
# others.
for sizes, patients in (("", train), (", equal numbers", train.sample(len(control), random_state=0))):
    for mode in ("univariate", "multivariate"):
        tried("singling out, " + mode + sizes, lambda: SinglingOutEvaluator(
            ori=patients, syn=release, control=control, n_attacks=n, n_cols=4, max_attempts=200000, seed=0), mode=mode)
half = list(train.columns[::2]), list(train.columns[1::2])
# Its distances know no missing values: the median stands for them.
middle = train.median()
filled = [frame.fillna(middle) for frame in (train, release, control)]
tried("linkability", lambda: LinkabilityEvaluator(
    ori=filled[0], syn=filled[1], control=filled[2], n_attacks=n, n_neighbors=1, aux_cols=half), n_jobs=1)
each = {}
for secret in secrets:
    known = [name for name in train.columns if name != secret]
    name = "inference, " + secret
    tried(name, lambda: InferenceEvaluator(
        ori=filled[0], syn=filled[1], control=filled[2], n_attacks=n, aux_cols=known, secret=secret,
        regression=train[secret].nunique() > 10), n_jobs=1)
    each[name] = found.pop(name)
known = [value for value in each.values() if value[0] == value[0]]
found["inference, worst secret"] = max(known) if known else [float("nan")] * 2
print(json.dumps(found))
"""


def main() -> None:
    """Print the table that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--anonymeter", action="store_true")
    parser.add_argument("--attacks", type=int, default=500)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    folder = data_folder()
    if folder is None:
        return
    with single_threaded_libraries():
        print(
            side_by_side(folder, asked.splits[0], asked.attacks, asked.markdown)
            if asked.anonymeter
            else ranking(folder, asked.splits, asked.markdown)
        )


def ranking(folder: Path, splits: Sequence[int], markdown: bool) -> str:
    """Audit the published doubles, and say on which splits they rank as they must."""
    rows, in_order = [], []
    for split in splits:
        train, control = _read(folder / f"train_{split}.csv"), _read(folder / f"control_{split}.csv")
        found = {name: audited(train, _read(folder / f"published_{name}_{split}.csv"), control) for name in PUBLISHED}
        areas = [found[name][RANKED].value for name in PUBLISHED]
        in_order.append(areas[0] > areas[1] > areas[2])
        for name in PUBLISHED:
            failed = sum(one.status.value == "failed" for one in found[name].values())
            values = [figure(found[name][CriterionId(identity)].value) for identity in SHOWN]
            rows.append([f"{split}, {name}", *values, f"{failed} of {len(found[name])}"])
        print(f"split {split}: {'in order' if in_order[-1] else 'NOT IN ORDER'}", file=sys.stderr)
    headings = ("split", *(identity.split(".", 1)[1] for identity in SHOWN), "failed")
    title = f"Audit of published doubles: avatar > synthpop > CTGAN on {sum(in_order)} of {len(in_order)} splits"
    return show(title, headings, rows, markdown=markdown)


def side_by_side(folder: Path, split: int, attacks: int, markdown: bool) -> str:
    """Compare our figures with Anonymeter's: value, and one-sided 95 % upper bound."""
    train, control = _read(folder / f"train_{split}.csv"), _read(folder / f"control_{split}.csv")
    control = control.select(train.columns)
    releases = {f"published {name}": _read(folder / f"published_{name}_{split}.csv") for name in PUBLISHED[:2]}
    releases["Sosie"] = peers.sosie_doubles(train, train.height, 0).frame
    rows = []
    for name, release in releases.items():
        release = release.select(train.columns)
        ours, theirs = audited(train, release, control), anonymeter(train, release, control, attacks)
        for title, identity in SIDE_BY_SIDE.items():
            one, other = ours[CriterionId(identity)], theirs[title]
            rows.append([f"{name}: {title}", *(figure(value) for value in (one.value, one.upper_95, *other))])
        print(name, file=sys.stderr)
    headings = ("release", "ours", "bound", "Anonymeter", "bound")
    return show(f"Ours and Anonymeter, split {split}", headings, rows, markdown=markdown)


def audited(train: pl.DataFrame, release: pl.DataFrame, control: pl.DataFrame) -> Mapping[CriterionId, Criterion]:
    """Judge a release as `sosie audit` does."""
    manifest, modality = Manifest(), Tables()
    part = from_frame(train)
    part = modality.assign(part, modality.identify(part, manifest), manifest)
    observer = doubles.Observer.of(Cohort.of({"tables": part}), {"tables": modality}, manifest)

    def look(frame: pl.DataFrame) -> Vectors:
        return observer.look(Cohort.of({"tables": modality.conform(from_frame(frame), part)}))

    seen = observer.look(Cohort.of({"tables": part}))
    judged = trial.judge_release(seen, look(release), look(control), np.random.default_rng(0))
    return {one.id: one for one in judged.criteria}


def anonymeter(
    train: pl.DataFrame, release: pl.DataFrame, control: pl.DataFrame, attacks: int
) -> Mapping[str, Sequence[float]]:
    """Run Anonymeter in its own environment (it pins numpy below 1.27), made on first use."""
    python = VENV / "bin" / "python"
    if not python.exists():
        print(f"creating {VENV.name} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    if subprocess.run([python, "-c", "import anonymeter"], capture_output=True, check=False).returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, frame in (("train", train), ("control", control), ("release", release)):
            paths.append(str(Path(folder, f"{name}.csv")))
            frame.write_csv(paths[-1])
        command = [str(python), "-c", SCRIPT, *paths, str(attacks), *SECRETS]
        environment = {**os.environ, **peers.ONE_THREAD}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: Mapping[str, Sequence[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None, null_values=["", "NA"])


if __name__ == "__main__":
    main()
