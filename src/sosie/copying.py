"""A pseudonymised copy of a source, and a look at what it would replace: what is held first, then what is streamed.

Tables are redacted in memory. What they know of their patients goes to the streams (notes), so that the same patient is
the same double everywhere. A copy with streams can be long: one that was killed goes on from where it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from sosie import checkpoint, intake
from sosie.checkpoint import Checkpoint
from sosie.cohort import Finding, Part
from sosie.engine import Event, Listener, silent
from sosie.errors import ManifestError, UnreadableError
from sosie.intake import Opened, Source
from sosie.pseudonyms import Pseudonyms
from sosie.release import folder
from sosie.release.writer import SHEETS, check, whole
from sosie.settings import DEFAULTS, Settings
from sosie.stream import NOTHING, Fact, Knowing, Knowledge, Order, Problem, Tally, Telling


@dataclass(frozen=True)
class Copied:
    """What a copy replaced.

    Parameters
    ----------
    findings : tuple of Finding
        In what was held.
    streams : mapping of str to Tally
        In what was streamed.
    """

    findings: tuple[Finding, ...] = ()
    streams: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True)
class Choices:
    """What the user may choose for a copy.

    Parameters
    ----------
    key : Path, optional
        Key of the pseudonyms; without it they are forgotten.
    profile : Path, optional
        What to do with each label of notes.
    mapping : Path, optional
        File to write, which tells where each input file went.
    review : bool
        Whether to write pages for a human reader.
    """

    key: Path | None = None
    profile: Path | None = None
    mapping: Path | None = None
    review: bool = False


PLAIN = Choices()


def copy(
    source: Path | str,
    out: Path,
    choices: Choices = PLAIN,
    settings: Settings = DEFAULTS,
    manifest: Path | None = None,
    listener: Listener = silent,
) -> Copied:
    """Write a pseudonymised copy: still personal data.

    Raises
    ------
    SosieError
        With the exit code of its kind.
    """
    check(out, source, choices.key, manifest, choices.profile, choices.mapping)
    _new(choices.mapping)
    opened = intake.open_(source, manifest)
    pseudonyms = None if choices.key is None else folder.key(choices.key)
    with ExitStack() as stack:
        kept = Checkpoint()
        if opened.streams:
            identity = _identity(opened, pseudonyms, choices.profile)
            kept = stack.enter_context(checkpoint.resumable(out, identity, listener))
        order = _order(opened, pseudonyms or _lasting(kept), choices, settings)
        beside = stack.enter_context(whole(out))
        if choices.review and "images" in opened.streams:
            order = replace(order, sheets=stack.enter_context(whole(sheets_of(out))) / SHEETS)
        findings, knowledge = _held(opened, beside, order, listener)
        tallies = _streamed(opened, beside, replace(order, knowledge=knowledge), kept, listener)
        listener(Event("write", 0))
        if choices.mapping is not None:
            _tell(choices.mapping, beside / "data", tallies)
    return Copied(findings, tallies)


def look(opened: Opened, held: Source | None, settings: Settings, listener: Listener) -> dict[str, Tally]:
    """Count what identifies in what is streamed."""
    order = Order(Pseudonyms.generate(), jobs=settings.jobs, words=settings.language)
    if held is not None:
        order = replace(order, knowledge=_known(held, None))
    return {
        name: stream.inspect(_place(opened), opened.manifest, order, listener)
        for name, stream in opened.streams.items()
    }


def sheets_of(out: Path) -> Path:
    """Return the folder, beside a copy, of the small pictures that show what was masked in it."""
    return out.with_name(f"{out.name}-review")


def pages(out: Path) -> dict[str, Path]:
    """Return the pages for a human that a copy came with, by their names in the messages."""
    found = {"review": out / "review" / "index.html", "sheets": sheets_of(out) / SHEETS / "index.html"}
    return {name: path for name, path in found.items() if path.exists()}


def _streamed(opened: Opened, beside: Path, order: Order, kept: Checkpoint, listener: Listener) -> dict[str, Tally]:
    """Copy what is streamed; a modality of which nothing can be read stops the run only where there is no other."""
    alone = not (beside / "data").exists()
    tallies: dict[str, Tally] = {}
    failed: list[UnreadableError] = []
    for name, stream in opened.streams.items():
        try:
            tallies[name] = stream.copy(_place(opened), opened.manifest, beside, order, kept, listener)
        except UnreadableError as error:
            failed.append(error)
            tallies[name] = Tally(problems=(Problem(error.file, error.problem),), troubled=1)
        if isinstance(stream, Telling):
            order = replace(order, knowledge=order.knowledge.completed(stream.told()))
    if failed and alone and len(failed) == len(opened.streams):
        raise failed[0]
    return tallies


def _place(opened: Opened) -> Path:
    """Return what a stream reads; an address reaches only the stream that recognised it, as it is."""
    return cast("Path", opened.place) if isinstance(opened.place, str) else opened.place


def _lasting(kept: Checkpoint) -> Pseudonyms:
    """Return a secret that lasts as long as the run, however often it is started."""
    return Pseudonyms(bytes.fromhex(kept.remember("secret", lambda: Pseudonyms.generate().secret.hex())))


def _order(opened: Opened, pseudonyms: Pseudonyms, choices: Choices, settings: Settings) -> Order:
    """Return the order that all streams follow."""
    order = Order(pseudonyms, NOTHING, choices.profile, choices.review, settings.jobs, settings.language)
    for stream in opened.streams.values():
        order = stream.order(order)
    return order


def _held(opened: Opened, beside: Path, order: Order, listener: Listener) -> tuple[tuple[Finding, ...], Knowledge]:
    """Copy what is held, and return what it knows of the patients."""
    given = opened.held(listener)
    if given is None:
        return (), NOTHING
    listener(Event("redact", 0))
    parts: dict[str, Part] = {
        name: modality.redact(given.cohort.parts[name], given.findings, order.pseudonyms)
        for name, modality in given.modalities.items()
    }
    folder.write_copy(beside, given, parts)
    return given.findings, _known(given, parts) if opened.streams else NOTHING


def _known(given: Source, parts: Mapping[str, Part] | None) -> Knowledge:
    """Put together what all modalities know."""
    facts: dict[str, list[Fact]] = {}
    taken: set[str] = set()
    for name, modality in given.modalities.items():
        if isinstance(modality, Knowing):
            copy_ = None if parts is None else parts[name]
            told = modality.knowledge(given.cohort.parts[name], copy_, given.findings)
            taken.update(told.taken)
            for key, some in told.facts.items():
                facts.setdefault(key, []).extend(some)
    return Knowledge(facts, frozenset(taken))


def _identity(opened: Opened, pseudonyms: Pseudonyms | None, profile: Path | None) -> checkpoint.Identify:
    """Return what digests all that the answers depend on, but for the notes themselves, which have their own."""

    def identify(key: bytes) -> str:
        digest = Pseudonyms(key)
        stated = {
            "version": folder.version(),
            "manifest": opened.manifest.model_dump(mode="json"),
            "secret": None if pseudonyms is None else digest.hmac(pseudonyms.secret),
            "profile": None if profile is None else digest.hmac_file(profile),
            "held": _sizes(opened),
        }
        return digest.hmac(json.dumps(stated, sort_keys=True).encode())

    return identify


def _sizes(opened: Opened) -> list[tuple[str, int, int]]:
    """Return the state of the files that are held; a database's cannot be told."""
    root = Path(opened.place)
    if not opened.holds(opened.claimed) or not root.exists():
        return []
    found = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    suffixes = {".csv", ".tsv", ".parquet", ".xlsx", ".sav", ".dta", ".sas7bdat", ".duckdb"}
    return [
        (path.name, state.st_size, state.st_mtime_ns)
        for path in found
        if path.suffix.lower() in suffixes and path not in opened.claimed
        for state in [path.stat()]
    ]


def _new(mapping: Path | None) -> None:
    if mapping is not None and mapping.exists():
        raise ManifestError(f"--mapping {mapping}: a file stands there, which is never replaced; name a new one")


def _tell(mapping: Path, data: Path, tallies: Mapping[str, Tally]) -> None:
    """Write where each file went, for its owner alone."""
    paths = {read: written for tally in tallies.values() for read, written in tally.paths.items()}
    renamed = set(paths.values())
    written = (path.relative_to(data).as_posix() for path in sorted(data.rglob("*")) if path.is_file())
    paths |= {path: path for path in written if path not in renamed}
    mapping.touch(mode=0o600)
    # Names of files need not be text: what is none is escaped.
    mapping.write_text(json.dumps(paths, ensure_ascii=not _text("".join(paths)), indent=1), encoding="utf-8")


def _text(name: str) -> bool:
    try:
        return bool(name.encode()) or not name
    except UnicodeEncodeError:
        return False
