"""The one way through: read, identify, encode, synthesize, decode, attack, compare, gate, release.

Each step is one call into its room; what goes wrong is a `SosieError` that names the file and the place.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sosie import archives, autopilot, checkpoint, copying, doubles, institution, intake
from sosie.checkpoint import Checkpoint
from sosie.cohort import Cohort, Finding, Synthesizer
from sosie.copying import Choices, Copied
from sosie.engine import Engine, Event, Listener, silent
from sosie.errors import ManifestError
from sosie.evidence import Budget, Evidence, Input
from sosie.inputs import digests
from sosie.intake import Source
from sosie.pseudonyms import Pseudonyms
from sosie.release import account, comparable, composition, folder, gate, identity, ledger, private, shadows, trial
from sosie.release.ledger import NO_HISTORY, Fingerprint, History
from sosie.release.method import Method
from sosie.release.writer import check, whole
from sosie.settings import DEFAULTS, Settings
from sosie.synthesis.catalogue import Setting


@dataclass(frozen=True)
class Outcome:
    """The doubles of a cohort and the evidence on them, before anything is written."""

    doubles: Cohort
    evidence: Evidence
    findings: tuple[Finding, ...] = field(default=())


def anonymize(
    source: Path | str,
    out: Path,
    settings: Settings = DEFAULTS,
    manifest: Path | None = None,
    listener: Listener = silent,
) -> Evidence:
    """Make doubles of a cohort, attack them, and write the release or the refusal.

    A run that was killed goes on from where it was when the same is asked again (`checkpoint`).

    Raises
    ------
    SosieError
        With the exit code of its kind; a refusal is no error: see ``evidence.verdict``.
    """
    private.check(settings)
    archives.refuse(source)
    check(out, source, settings.control, manifest)
    home = institution.load(settings.home)
    given = intake.read(source, manifest, listener, jobs=settings.jobs)
    control = intake.like(given, settings.control, listener) if settings.control else None
    inputs = digests(source, given.cohort.keys, home.pseudonyms)
    with checkpoint.resumable(out, identity.of(given, source, settings, control), listener) as kept:
        fingerprint = Fingerprint.of(given.cohort, home.pseudonyms)
        history = ledger.history(home, fingerprint, kept.run)
        outcome = anonymize_cohort(given, settings, control, inputs, listener, kept, history, home.pseudonyms)
        listener(Event("write", 0))
        with whole(out) as beside:
            folder.write(
                beside, given, outcome.doubles, outcome.evidence, home, settings.keep_refused, settings.language
            )
            # Just before the folder is renamed into place: an attempt that is lost is worse than one that is kept.
            ledger.record(home, fingerprint, outcome.evidence, history, kept.run)
    return outcome.evidence


def anonymize_cohort(
    source: Source,
    settings: Settings,
    control: Cohort | None = None,
    inputs: list[Input] | None = None,
    listener: Listener = silent,
    kept: Checkpoint | None = None,
    history: History = NO_HISTORY,
    pseudonyms: Pseudonyms | None = None,
) -> Outcome:
    """Make doubles of a cohort in memory, and judge them."""
    private.check(settings)
    names = autopilot.families(settings.synthesizer, len(source.cohort))
    intake.require(source.cohort, source.name, source.manifest.k)
    if control is not None:
        intake.require(control, "the control", source.manifest.k)
    if settings.patients is not None and settings.patients < 1:
        raise ManifestError(f"{settings.patients} doubles: expected at least one")
    observer = doubles.Observer.of(source.cohort, source.modalities, source.manifest)
    intake.require_content(observer.look(source.cohort), source.name)
    kept = kept or Checkpoint()
    rng = np.random.default_rng(kept.entropy if settings.seed is None else settings.seed)
    engine = Engine(settings.jobs, kept)
    guaranteed = private.release(source, settings) if settings.guarantee == "dp" else None
    size = settings.patients or (guaranteed.patients if guaranteed else len(source.cohort))
    listener(Event("synthesize", 0))
    k, jobs = source.manifest.k, engine.workers
    maker = guaranteed or Setting.default(names[-1]).build(k, jobs)
    released, timing = trial.timed_release(source, maker, size, rng)
    # The clock has a say in how many there are: a run that goes on takes as many as it began with.
    pace = len(source.cohort), sum(timing.values()), engine.workers, settings.time_allowance
    rounds = kept.remember("rounds", lambda: trial.choose_rounds(*pace))
    releases = kept.remember("releases", lambda: shadows.choose_releases(*pace))
    clock = time.perf_counter()
    found: autopilot.Search | None = None
    method: Synthesizer = private.Private(settings.epsilon or 0.0)
    if guaranteed is None:
        found = autopilot.search(
            source,
            names,
            size,
            rng,
            rounds=rounds,
            releases=releases,
            seconds=60.0 * trial.SHARE_OF_TIME * (settings.time_allowance or trial.DEFAULT_ALLOWANCE),
            history=history,
            kept=kept,
            engine=Engine(settings.jobs),
            listener=listener,
        )
        method = found.setting.build(k)
        released = Method.of(source, found.setting.build(k, jobs), size).make(np.arange(len(source.cohort)), rng)
    timing["search"] = time.perf_counter() - clock
    clock = time.perf_counter()
    released = doubles.finished(released, source.cohort, source.modalities, source.manifest, jobs)
    timing["finish"] = time.perf_counter() - clock
    clock = time.perf_counter()
    judged = trial.run(
        source,
        released,
        method,
        rng,
        rounds=rounds,
        releases=releases,
        claim=guaranteed.promise() if guaranteed else None,
        control=control,
        engine=engine,
        confidence=history.confidence,
        listener=listener,
    )
    timing["attack"] = time.perf_counter() - clock
    clock = time.perf_counter()
    listener(Event("compare", 0))
    utility = account.compared(source, released, rng)
    timing["compare"] = time.perf_counter() - clock
    verdict = gate.release(composition.composed(judged.criteria, history))
    evidence = Evidence(
        sosie_version=folder.version(),
        inputs=inputs or [Input(name=source.name, hmac_sha256="", patients=len(source.cohort))],
        settings=account.stated(settings, source, size, judged.rounds, found.setting if found else None),
        budget=guaranteed.claim() if guaranteed else Budget(),
        verdict=verdict,
        privacy={
            **account.described(source, resumed=kept.resumed),
            **account.designated(judged, source, pseudonyms),
            **private.told(source, settings),
            "frontier": found.told() if found else [],
            "history": history.stated(),
        },
        utility=account.shown(utility, verdict),
        timing={stage: round(seconds, 3) for stage, seconds in timing.items()},
        peak_memory_mb=account.peak_memory(),
    )
    return Outcome(released, evidence, source.findings)


def audit(
    original: Path | str,
    release: Path | str,
    control: Path | str,
    out: Path | None = None,
    settings: Settings = DEFAULTS,
    manifest: Path | None = None,
    listener: Listener = silent,
) -> Evidence:
    """Judge anyone's release of an original, with patients who were not in it as the baseline."""
    if out is not None:
        check(out, original, release, control, manifest)
    home = institution.load(settings.home) if out is not None else None
    given = intake.read(original, manifest, listener, jobs=settings.jobs)
    made, outside = intake.like(given, release, listener), intake.like(given, control, listener)
    evidence = audit_cohort(given, made, outside, settings, listener)
    if out is not None and home is not None:
        key = home.pseudonyms
        inputs = [
            *digests(original, given.cohort.keys, key),
            *digests(release, made.keys, key),
            *digests(control, outside.keys, key),
        ]
        evidence = evidence.model_copy(update={"inputs": inputs})
        with whole(out) as beside:
            folder.write_evidence(beside, evidence, given.findings, settings.language)
    return evidence


def audit_cohort(
    source: Source, release: Cohort, control: Cohort, settings: Settings, listener: Listener = silent
) -> Evidence:
    """Judge a release in memory."""
    for name, cohort in (("release", release), ("control", control)):
        intake.require(cohort, f"the {name}", source.manifest.k)
    comparable.refuse_same_keys(source.cohort, control)
    rng = np.random.default_rng(settings.seed)
    shared = source.shared(release, control)
    observer = doubles.Observer.of(shared.cohort, shared.modalities, shared.manifest)
    clock = time.perf_counter()
    listener(Event("attack", 0))
    seen, doubled, outside = (observer.look(cohort) for cohort in (shared.cohort, release, control))
    intake.require_content(seen, source.name)
    judged = trial.judge_release(seen, doubled, outside, rng)
    verdict = gate.audit(judged.criteria)
    timing = {"attack": time.perf_counter() - clock}
    described = account.described(shared)
    whole_view = doubles.Observer.of(source.cohort, source.modalities, source.manifest).look(source.cohort)
    notices = [*described["notices"], *judged.privacy["notices"], *comparable.narrowed(whole_view, seen)]
    listener(Event("compare", 0))
    return Evidence(
        sosie_version=folder.version(),
        inputs=[Input(name=source.name, hmac_sha256="", patients=len(source.cohort))],
        settings={
            "command": "audit",
            "doubles": len(release),
            "control": len(control),
            "k": source.manifest.k,
            **account.declared(source.manifest),
        },
        verdict=verdict,
        privacy={**described, **judged.privacy, "notices": notices},
        utility=account.shown(account.compared(shared, release, rng), verdict),
        timing=timing,
        peak_memory_mb=account.peak_memory(),
    )


def deidentify(
    source: Path | str,
    out: Path,
    key: Path | None = None,
    settings: Settings = DEFAULTS,
    manifest: Path | None = None,
    listener: Listener = silent,
    *,
    profile: Path | None = None,
    mapping: Path | None = None,
    review: bool = False,
    send: str | None = None,
) -> Copied:
    """Write a pseudonymised copy: still personal data (`copying`), from and to archives of images where asked."""
    choices = Choices(key, profile, mapping, review)
    archives.check(send)
    with archives.fetched(source, out, listener) as found:
        copied = found.told(copying.copy(found.place, out, choices, settings, manifest, listener))
    return copied if send is None else archives.sent(copied, out / "data", send, listener)
