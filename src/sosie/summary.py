"""What a run found, in a few lines for a person and as one record for a program.

Inspections, evidence and findings come in; nothing that leaves holds a patient's value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sosie import manifest as manifests
from sosie.cohort import Finding
from sosie.console import Console, aligned, printable
from sosie.copying import Copied
from sosie.evidence import Evidence, Status
from sosie.inspection import Inspection
from sosie.release.certificate import Verified
from sosie.report import criteria as shown
from sosie.report.reading import mapping, mappings, number, texts
from sosie.report.words import Words, words
from sosie.stream import Tally

if TYPE_CHECKING:
    from sosie.fictitious.selftest import SelfTest

SHOWN = 20
"""Problems that are told on the screen."""

_HEADLINES = (("shapes", "shapes"), ("pairs", "pairs"), ("tstr_gap", "tstr_gap"), ("propensity_auc", "propensity"))
_COLOURS = {Status.PASSED: "green", Status.FAILED: "red", Status.NOT_DEMONSTRATED: "yellow"}


def of_inspection(found: Inspection, console: Console, written: Path | None) -> tuple[dict[str, Any], list[str]]:
    """Return the record and the lines of an inspection."""
    record = {
        "command": "inspect",
        "patients": found.patients,
        "findings": [asdict(finding) for finding in found.findings],
        "uniqueness": found.uniqueness,
        "rules": found.rules,
        "notices": list(found.notices),
        "manifest": manifests.dump(found.manifest),
        "written": written,
        **_counts(found.streams),
    }
    title = "inspect.title" if found.findings else "inspect.none"
    tables = found.patients or not found.streams
    lines = [console.say(title, patients=found.patients), *_roles(found.findings, console)] if tables else []
    for name, tally in found.streams.items():
        lines += [*([""] if lines else []), *_streamed(name, tally, console)]
    for group in ("quasi_identifiers", "all_columns"):
        lines += _uniqueness(found.uniqueness.get(group), group, console)
    lines += _known(found.uniqueness, console)
    lines += _listed("inspect.rules", found.rules, console) + _listed("inspect.notices", found.notices, console)
    if written is not None:
        lines += ["", console.say("inspect.written", path=written)]
    return record, lines


def of_evidence(evidence: Evidence, console: Console, paths: Mapping[str, Path]) -> tuple[dict[str, Any], list[str]]:
    """Return the record and the lines of a release, a refusal or an audit."""
    audited = evidence.settings.get("command") == "audit"
    verdict = json.loads(evidence.verdict.model_dump_json())
    patients, doubles = max((each.patients for each in evidence.inputs), default=0), evidence.settings.get("doubles")
    record = {
        "command": "audit" if audited else "anonymize",
        "decision": verdict["decision"],
        "patients": patients,
        "doubles": doubles,
        "criteria": verdict["criteria"],
        "utility": {key: number(_tables(evidence).get(key)) for key, _ in _HEADLINES},
        "notices": texts(evidence.privacy.get("notices")),
        "paths": paths,
    }
    lines = [_verdict(evidence, console, patients, doubles, audited), *_criteria(evidence, console)]
    lines += ["", *_utility(evidence, console), *_paths(paths, console)]
    lines += _listed("inspect.notices", texts(evidence.privacy.get("notices")), console)
    if evidence.settings.get("seed") is not None:
        lines += ["", console.say("anonymize.seed")]
    return record, lines


def of_copy(
    copied: Copied, console: Console, paths: Mapping[str, Path], *, kept: bool
) -> tuple[dict[str, Any], list[str]]:
    """Return the record and the lines of a pseudonymised copy."""
    record = {
        "command": "deidentify",
        "findings": [asdict(finding) for finding in copied.findings],
        **_counts(copied.streams),
        "paths": paths,
    }
    lines = [console.say("deidentify.done")]
    if copied.findings or not copied.streams:
        lines.append(console.say("deidentify.columns", count=len(copied.findings)))
    for name, tally in copied.streams.items():
        lines += _streamed(name, tally, console)
    lines += ["", *_paths(paths, console)] if copied.streams else _paths(paths, console)
    return record, lines if kept else [*lines, console.say("deidentify.forgotten")]


def of_verification(verified: Verified, console: Console) -> tuple[dict[str, Any], list[str]]:
    """Return the record and the lines of a release that is as it was certified."""
    content = verified.certificate
    record = {
        "command": "verify",
        "intact": True,
        "signer": "known" if verified.known else "unknown",
        "files": verified.files,
        "test": content["test"],
        **{name: content[name] for name in ("created", "sosie_version", "settings", "verdict", "public_key")},
        "release": verified.folder,
    }
    lines = [
        console.say("verify.intact", files=verified.files, day=content["created"][:10]),
        console.say("verify.known" if verified.known else "verify.unknown"),
    ]
    return record, [*lines, console.say("verify.test")] if content["test"] else lines


def places(out: Path | None) -> dict[str, Path]:
    """Return what a run wrote, by its name in the messages."""
    if out is None:
        return {}
    places = {
        "data": out / "release" / "data",
        "datasheet": out / "release" / "datasheet.html",
        "certificate": out / "release" / "certificate.json",
        "refused": out / "refused" / "data",
        "report": out / "dpo" / "report.html",
        "assessment": out / "dpo" / "assessment.docx",
        "evidence": out / "dpo" / "evidence.json",
    }
    found = {name: path for name, path in places.items() if path.exists()}
    files = sorted(path for path in found["data"].rglob("*") if path.is_file()) if "data" in found else []
    return {**found, "data": files[0]} if len(files) == 1 else found


def _counts(streams: Mapping[str, Tally]) -> dict[str, Any]:
    """Return counts of what was found in notes and images; where files went is told in the mapping alone."""
    records = {name: asdict(tally) for name, tally in streams.items()}
    return {name: {key: value for key, value in each.items() if key != "paths"} for name, each in records.items()}


def _streamed(name: str, tally: Tally, console: Console) -> list[str]:
    """Tell what was found in notes or images, by label, and what could not be read."""
    lines = [console.say(f"{name}.found", documents=tally.documents, touched=tally.touched)]
    lines += aligned([[label, str(count)] for label, count in tally.labels.items()])
    if tally.troubled:
        lines += ["", console.say("notes.problems", count=tally.troubled)]
        lines += [f"  {printable(problem.name)}: {problem.reason}" for problem in tally.problems[:SHOWN]]
        more = tally.troubled - min(len(tally.problems), SHOWN)
        lines += [console.say("notes.more", count=more)] if more else []
    return lines


def _words(console: Console) -> Words:
    return words("fr" if console.language == "fr" else "en")


def _roles(findings: Sequence[Finding], console: Console) -> list[str]:
    if not findings:
        return []
    say = _words(console)
    several = len({finding.document for finding in findings}) > 1
    head = [console.say(f"inspect.{name}") for name in ("column", "kind", "role", "score", "reason")]
    rows = [
        [
            f"{finding.document}: {finding.place}" if several else finding.place,
            say.known("label", finding.label),
            say.known("role", finding.role),
            say.percent(finding.score, 0),
            _reason(finding, say),
        ]
        for finding in findings
    ]
    return aligned([head, *rows])


def _reason(finding: Finding, say: Words) -> str:
    """Return the sentence of the detector, which is English, or what it comes to in another language."""
    if say.language == "en" and finding.reason:
        return finding.reason
    return say.known("basis", finding.detector.partition(":")[0], say("basis.other"))


def _uniqueness(steps: object, group: str, console: Console) -> list[str]:
    say, found = _words(console), mappings(steps)
    if not found:
        return []
    rows = [
        [
            console.say("inspect.alone", share=say.percent(number(step.get("alone")))),
            say("format.list").join(texts(step.get("columns"))),
        ]
        for step in found
    ]
    return ["", console.say(f"inspect.{group}"), *aligned(rows)]


def _known(uniqueness: Mapping[str, object], console: Console) -> list[str]:
    """Tell how little of a trajectory singles out a patient: the share to the day, or without any day."""
    say = _words(console)
    rows = [
        [
            console.say("inspect.alone", share=say.percent(number(step.get("day", step.get("alone"))))),
            say(f"timelines.known_{what}", count=say.number(number(step.get("known")))),
        ]
        for what in ("events", "gaps", "codes", "diagnoses")
        for step in mappings(uniqueness.get(what))
    ]
    return ["", console.say("inspect.trajectories"), *aligned(rows)] if rows else []


def _listed(title: str, items: Sequence[str], console: Console) -> list[str]:
    return ["", console.say(title), *(f"  {printable(item)}" for item in items)] if items else []


def _verdict(evidence: Evidence, console: Console, patients: int, doubles: object, audited: bool) -> str:
    statuses = [criterion.status for criterion in evidence.verdict.criteria]
    failed, unproven = statuses.count(Status.FAILED), statuses.count(Status.NOT_DEMONSTRATED)
    if audited:
        return console.say("audit.failed" if failed else "audit.passed", failed=failed, open=unproven)
    key = f"anonymize.{evidence.verdict.decision}"
    return console.say(key, failed=failed, open=unproven, patients=patients, doubles=doubles)


def _criteria(evidence: Evidence, console: Console) -> list[str]:
    say = _words(console)
    head = ["", "", *(console.say(f"criteria.{name}") for name in ("value", "bound", "threshold", "status")), ""]
    rows = [
        [
            say(f"group.{shown.family(each.id)}"),
            say(f"criterion_title.{each.id}"),
            shown.figure(each, each.value, say),
            shown.figure(each, each.upper_95, say) if each.upper_95 is not None else "",
            shown.figure(each, each.threshold, say),
            say(f"status.{each.status}"),
            console.say("criteria.needed", needed=shown.needed(each, say)) if each.needed else "",
        ]
        for each in evidence.verdict.criteria
    ]
    return aligned([head, *rows], {say(f"status.{status}"): colour for status, colour in _COLOURS.items()})


def _tables(evidence: Evidence) -> Mapping[str, object]:
    return mapping(evidence.utility.get("tables"))


def _utility(evidence: Evidence, console: Console) -> list[str]:
    say, found = _words(console), _tables(evidence)
    known = [(name, number(found.get(key))) for key, name in _HEADLINES]
    figures = [f"{say(f'utility.{name}')} {say.number(value, 3)}" for name, value in known if value is not None]
    return [console.say("utility.title", figures=say("format.list").join(figures)), ""] if figures else []


def _paths(paths: Mapping[str, Path], console: Console) -> list[str]:
    return aligned([[console.say(f"path.{name}"), str(path)] for name, path in paths.items()])


def of_self_test(tested: SelfTest | None, console: Console) -> list[str]:
    """Tell what the demonstration planted and what its release shows of it."""
    if tested is None:
        return []
    within, across = (
        console.say("demo.of", count=found, total=total)
        for found, total in (tested.recovered(across=False), tested.recovered(across=True))
    )
    left = sum(tested.left.values())
    return [console.say("demo.truths", within=within, across=across), console.say("demo.left", count=left)]
