"""The command line: what to read, what to do, where to write; progress on one side, one answer on the other.

Exit codes: 0 released or passed; 1 internal error; 2 usage or manifest; 3 refused or tampered with; 4 unreadable; 130
interrupted.
Nothing heavy is imported before a command runs, so that ``sosie --help`` is immediate.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sosie.console import Console, Language
from sosie.errors import ManifestError, RefusedError
from sosie.faults import guarded
from sosie.options import Guarantee, Jobs, Json, Lang, Manifest, Out, Patients, Seed, Source, SynthesizerName
from sosie.settings import Settings

if TYPE_CHECKING:
    from sosie.evidence import Evidence


app = typer.Typer(
    name="sosie",
    help="Doubles of patients: nobody's data, everybody's statistics, and the evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; every error becomes one message, never a traceback."""
    return guarded(lambda: app(args=list(arguments), prog_name="sosie", standalone_mode=False), Console.of(arguments))


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=lambda asked: _version(asked), help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def inspect(
    source: Source,
    manifest: Manifest = None,
    write: Annotated[bool, typer.Option("--write", help="Propose sosie.yaml beside the data.")] = False,
    lang: Lang = Language.EN,
    as_json: Json = False,
    jobs: Jobs = 0,
) -> None:
    """List what identifies people in SOURCE, and how few columns single them out."""
    from sosie import inspection, summary
    from sosie import manifest as manifests

    console = Console(lang, as_json)
    written = _beside(source) / manifests.FILE_NAME if write else None
    if written is not None and written.exists():
        raise ManifestError(console.say("inspect.exists", path=written))
    with console.progress() as listener:
        found = inspection.inspect(_place_of(source), manifest, listener, lang.value, jobs)
    if written is not None:
        with written.open("x", encoding="utf-8") as file:
            file.write(manifests.dump(found.manifest))
    console.result(*summary.of_inspection(found, console, written))


@app.command()
def anonymize(
    source: Source,
    out: Out,
    guarantee: Annotated[Guarantee, typer.Option(help="dp: differential privacy, with --epsilon.")] = Guarantee.AUDITED,
    epsilon: Annotated[float | None, typer.Option(min=0, help="Budget of dp, above 0.")] = None,
    patients: Patients = None,
    control_source: Annotated[
        str | None, typer.Option(metavar="PATH", help="Patients who are not in SOURCE: a second baseline.")
    ] = None,
    seed: Seed = None,
    synthesizer: Annotated[
        SynthesizerName, typer.Option(help="auto looks for the most useful one that passes.")
    ] = SynthesizerName.AUTO,
    time_allowance: Annotated[
        float | None, typer.Option(min=0.01, metavar="MINUTES", help="Time for the attacks.")
    ] = None,
    keep_refused: Annotated[
        bool, typer.Option("--keep-refused", help="Keep what the gate refused, for study.")
    ] = False,
    manifest: Manifest = None,
    lang: Lang = Language.EN,
    as_json: Json = False,
    jobs: Jobs = 0,
) -> None:
    """Make doubles of the patients of SOURCE, attack them, and release them only if the attacks fail."""
    from sosie import pipeline

    console = Console(lang, as_json)
    settings = Settings(
        guarantee=guarantee.value,
        epsilon=epsilon,
        patients=patients,
        control=control_source,
        seed=seed,
        synthesizer=synthesizer.value,
        time_allowance=time_allowance,
        keep_refused=keep_refused,
        jobs=jobs,
        language=lang.value,
    )
    _offered(console, settings)
    with console.progress() as listener:
        evidence = pipeline.anonymize(_place_of(source), out, settings, manifest, listener)
    _conclude(evidence, out, console)


@app.command()
def audit(
    original: Annotated[str, typer.Argument(help="The patients whom the release was made of.", show_default=False)],
    release: Annotated[str, typer.Argument(help="The release to judge, whoever made it.", show_default=False)],
    control: Annotated[
        str,
        typer.Option(metavar="PATH", help="Patients who are in neither, of the same population.", show_default=False),
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for evidence and report.")] = None,
    seed: Seed = None,
    manifest: Manifest = None,
    lang: Lang = Language.EN,
    as_json: Json = False,
    jobs: Jobs = 0,
) -> None:
    """Judge anyone's RELEASE of the patients of ORIGINAL."""
    from sosie import pipeline

    console = Console(lang, as_json)
    settings = Settings(seed=seed, jobs=jobs, language=lang.value)
    with console.progress() as listener:
        evidence = pipeline.audit(
            _place_of(original), _place_of(release), _place_of(control), out, settings, manifest, listener
        )
    _conclude(evidence, out, console)


@app.command()
def deidentify(
    source: Source,
    out: Out,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Key of the pseudonyms; made on first use.", show_default=False)
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to do with notes and images (YAML).", exists=True, dir_okay=False),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write: where each input file went (JSON).", show_default=False),
    ] = None,
    review: Annotated[bool, typer.Option("--review", help="Write pages to check notes and pixels.")] = False,
    send: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Archive of images to send to.", show_default=False)
    ] = None,
    manifest: Manifest = None,
    lang: Lang = Language.EN,
    as_json: Json = False,
    jobs: Jobs = 0,
) -> None:
    """Write a pseudonymised copy of SOURCE, in the same formats: still personal data."""
    from sosie import copying, pipeline, summary

    console = Console(lang, as_json)
    with console.progress() as listener:
        settings = Settings(jobs=jobs, language=lang.value)
        copied = pipeline.deidentify(
            _place_of(source),
            out,
            key,
            settings,
            manifest,
            listener,
            profile=profile,
            mapping=mapping,
            review=review,
            send=send,
        )
    paths = {"data": out / "data", "findings": out / "findings.jsonl"}
    paths |= copying.pages(out) if review else {}
    paths |= {name: path for name, path in {"mapping": mapping, "key": key}.items() if path is not None}
    console.result(*summary.of_copy(copied, console, paths, kept=key is not None))


@app.command()
def verify(
    release: Annotated[
        Path, typer.Argument(metavar="RELEASE", help="The folder that was received.", show_default=False)
    ],
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", metavar="FILE", help="The institution's public key.", exists=True, dir_okay=False),
    ] = None,
    lang: Lang = Language.EN,
    as_json: Json = False,
) -> None:
    """Check that nothing in RELEASE has changed since it was certified, and who signed it."""
    from sosie import institution, summary
    from sosie.release import certificate

    console = Console(lang, as_json)
    known = None if public_key is None else institution.read_public(public_key)
    console.result(*summary.of_verification(certificate.verify(release, known), console))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write.")] = Path("demo"),
    patients: Annotated[
        int | None, typer.Option("--patients", min=1, metavar="N", help="Size of the cohort; 2000 of tables, else 100.")
    ] = None,
    modalities: Annotated[
        str | None, typer.Option("--modalities", metavar="LIST", help="tables,timelines,notes,images,genomes, or all.")
    ] = None,
    lang: Lang = Language.EN,
    as_json: Json = False,
    jobs: Jobs = 0,
) -> None:
    """Build a fictitious cohort in DIR/cohort, then anonymize it in DIR/doubles."""
    from sosie import demo as fiction
    from sosie import summary

    console = Console(lang, as_json)
    with console.progress() as listener:
        settings = Settings(jobs=jobs, language=lang.value)
        shown = fiction.anonymized(out, patients, settings, listener, fiction.wanted(modalities))
    story = [console.say("demo.cohort", patients=shown.patients, path=shown.cohort)]
    story += [console.say("demo.try", path=shown.cohort), *summary.of_self_test(shown.tested, console), ""]
    _conclude(shown.evidence, out / "doubles", console, story)


def _conclude(evidence: Evidence, out: Path | None, console: Console, story: Sequence[str] = ()) -> None:
    """Tell the verdict, and leave with its exit code."""
    from sosie import summary
    from sosie.evidence import Decision

    record, lines = summary.of_evidence(evidence, console, summary.places(out))
    console.result(record, [*story, *lines])
    if evidence.verdict.decision is Decision.REFUSED:
        raise typer.Exit(RefusedError.exit_code)


def _offered(console: Console, settings: Settings) -> None:
    if settings.guarantee == Guarantee.DP:
        if not settings.epsilon or settings.seed is not None or settings.synthesizer not in ("auto", "marginals"):
            raise ManifestError(console.say("error.dp"))
    elif settings.epsilon is not None:
        raise ManifestError(console.say("error.epsilon"))


def _place_of(source: str) -> Path | str:
    return source if "://" in source else Path(source)


def _beside(source: str) -> Path:
    if "://" in source:
        return Path()
    path = Path(source)
    return path if path.is_dir() else path.parent


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"sosie {version('sosie')}")
        raise typer.Exit
