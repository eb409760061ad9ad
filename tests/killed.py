"""Runs `anonymize` in children that are killed (SIGKILL) at given moments; run as a program by `test_killed`.

Arguments: source, output, then one moment for each child: ``event:N`` (the N-th word of progress), ``evidence`` (the
data are written, the evidence is not), ``publish`` (all is written and counted, nothing is renamed), ``swap`` (the
earlier output is put aside, the new one is not in its place), ``end`` (it is, and the checkpoint is still there), or
``never``; ``apart`` is a run of another institution into another output, which is not killed. It writes the exit code
of each child.
"""

import json
import os
import signal
import sys
from pathlib import Path

from sosie import autopilot, checkpoint, pipeline
from sosie.attack import estimate
from sosie.engine import Event
from sosie.evidence import CriterionId
from sosie.release import account, folder, gate, shadows, trial, writer
from sosie.report import annex, html, pdf
from sosie.settings import Settings
from sosie.synthesis.trees import Trees

SETTINGS = Settings(seed=5, time_allowance=0.0, jobs=2)


def die(*given: object, **named: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: str) -> None:
    """Place the kill at a moment of the writing."""
    places = {
        "evidence": (folder, "write_evidence"),
        "publish": (writer, "_publish"),
        "end": (checkpoint.shutil, "rmtree"),
    }
    if moment in places:
        setattr(*places[moment], die)
    if moment == "swap":
        rename = Path.rename
        Path.rename = lambda self, to: die() if self.name == ".fresh" else rename(self, to)  # type: ignore


def child(source: Path, out: Path, moment: str) -> None:
    arm(moment)
    if moment == "apart":
        os.environ["SOSIE_HOME"] += "-apart"
        out = out.with_name(f"{out.name}-apart")
    last = int(moment.removeprefix("event:")) if moment.startswith("event:") else -1
    heard = 0

    def listener(event: Event) -> None:
        nonlocal heard
        heard += 1
        if heard == last:
            die()

    pipeline.anonymize(source, out, SETTINGS, listener=listener)


def prepare() -> None:
    """Open the gate, leave the pages out, and compile what every child needs; no thread may start before the forks."""
    gate.THRESHOLDS = dict.fromkeys(CriterionId, 10.0)  # type: ignore[misc]
    pdf.write_pdf = annex.write_annex = lambda *given: False  # type: ignore[assignment]
    html.render = lambda *given: ""  # type: ignore[assignment]
    account.compared = lambda *given: {}  # type: ignore[assignment]
    estimate.RESAMPLES = 20
    shadows.FEWEST_RELEASES, shadows.RELEASES, shadows.SMALL_RELEASES, shadows.FEWEST_PLANTED = 10, 10, 10, 5
    autopilot.STEPS, autopilot.SMALL, autopilot.RELEASES, autopilot.DRAWS = 1, 0, 10, 1
    trial.ROUNDS, trial.LEAST_ROUNDS = (), 5
    trial._compile(Trees(k=11, leaf=22, jobs=1))


def main(source: str, out: str, *moments: str) -> None:
    prepare()
    codes = []
    for moment in moments:
        process = os.fork()
        if process == 0:
            child(Path(source), Path(out), moment)
            os._exit(0)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
    sys.stdout.write(json.dumps(codes))


if __name__ == "__main__":
    main(*sys.argv[1:])
