"""How often `sosie audit` fails a release that knew nobody, and how often it fails a copy, by number of patients.

python benchmarks/audit_calibration.py                        n = 100 and 300, 200 draws each
python benchmarks/audit_calibration.py --patients 1000 --draws 50
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np
from layout import show
from leave_out import _population

from sosie.cohort import Vectors
from sosie.engine import single_threaded_libraries
from sosie.evidence import Criterion, CriterionId, Status
from sosie.release import trial

RELEASES = ("independent", "copy", "half a copy")
HEADINGS = ("patients", "control", "draws", "false alarms", "copies failed", "half copies failed")


def main() -> None:
    """Print the rates, and the share of draws in which each criterion failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--halves", action="store_true", help="only a control of half the size")
    parser.add_argument("--same", action="store_true", help="only a control of the same size")
    parser.add_argument("--permutations", type=int, default=500)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    parts = (1,) * (not asked.halves) + (2,) * (not asked.same)
    print(table(asked.patients, parts, asked.draws, asked.permutations, asked.markdown))


def table(patients: Sequence[int], parts: Sequence[int], draws: int, permutations: int, markdown: bool) -> str:
    """Return both tables; bounds play no part in a failure and are resampled little."""
    rates, shares = [], []
    with single_threaded_libraries():
        for n, control in ((n, n // part) for n in patients for part in parts):
            found = {}
            for name in RELEASES:
                found[name] = _failures(name, n, control, draws, permutations)
                print(f"{n}, {control}, {name}: {found[name][1]} of {draws} failed", file=sys.stderr)
            alarms = [f"{count / draws:.1%}" for _, count in found.values()]
            rates.append([str(n), str(control), str(draws), *alarms])
            shares += [
                [
                    f"{identity.value}, n = {n}, control {control}",
                    *(f"{found[r][0][identity] / draws:.1%}" for r in RELEASES),
                ]
                for identity in found["copy"][0] | found["independent"][0]
            ]
    first = show(f"Audits that failed, {permutations} permutations", HEADINGS, rates, markdown=markdown)
    return (
        first + "\n" + show("Draws in which each criterion failed", ("criterion", *RELEASES), shares, markdown=markdown)
    )


def _failures(name: str, n: int, control: int, draws: int, permutations: int) -> tuple[Counter[CriterionId], int]:
    """Count the failures of each criterion, and the draws with at least one."""
    by_criterion: Counter[CriterionId] = Counter()
    any_failed = 0
    for draw in range(draws):
        rng = np.random.default_rng((draw, n, control, RELEASES.index(name)))
        failed = {one.id for one in _criteria(name, n, control, permutations, rng) if one.status is Status.FAILED}
        by_criterion.update(failed)
        any_failed += bool(failed)
    return by_criterion, any_failed


def _criteria(name: str, n: int, control: int, permutations: int, rng: np.random.Generator) -> list[Criterion]:
    original, outside, release = _population(n, rng), _population(control, rng), _population(n, rng)
    copied = {"independent": 0, "copy": n, "half a copy": n // 2}[name]
    made = Vectors(original.columns, np.vstack([original.values[:copied], release.values[copied:]]))
    return trial.judge_release(
        original, made, outside, rng, resamples=100, permutations=permutations, repeats=2
    ).criteria


if __name__ == "__main__":
    main()
