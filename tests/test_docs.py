import os
import re
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sosie import cli, manifest
from sosie.evidence import CriterionId
from sosie.fictitious import cohort as fiction
from sosie.fictitious import patients
from sosie.inspection import inspect
from sosie.release import gate, trial
from tests.timelines import clinic, made_events

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
RELEASED_OR_REFUSED = {0, 3}
GENOMES = "\n".join(
    [
        "##fileformat=VCFv4.2",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tPT1\tPT2",
        "1\t1000\t.\tA\tC\t.\t.\t.\tGT\t0|1\t0|0\n",
    ]
)
LETTER = "M. DUPONT Jean, né le 01/02/1960, vu au CHU de Rennes le 12/03/2020.\nDr Marie LEFÈVRE\n"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    text = "\n".join(block for page in PAGES for block in blocks(page, "bash"))
    lines = [line.removeprefix(".venv/bin/") for line in text.splitlines()]
    return list(dict.fromkeys(line for line in lines if line.startswith("sosie ")))


def profile() -> str:
    return blocks(ROOT / "docs" / "notes.md", "yml")[0]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages name, attacks of few rounds, and a gate that lets so few patients pass."""
    for number, name in enumerate(("patients", "release", "others")):
        built = fiction.build(tmp_path / name, 60, np.random.default_rng(number))
        (built / patients.NAME).rename(tmp_path / f"{name}.csv")
    (tmp_path / "dicom").mkdir()
    if find_spec("pydicom") is not None:
        from tests.images.made import dataset, written

        for number in (1, 2):
            (tmp_path / "dicom" / f"{number}.dcm").write_bytes(written(dataset(number)))
    (tmp_path / "genomes").mkdir()
    (tmp_path / "genomes" / "all.vcf").write_text(GENOMES, encoding="utf-8")
    for folder in ("notes", "hospital"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "letter.txt").write_text(LETTER, encoding="utf-8")
    shutil.copyfile(tmp_path / "patients.csv", tmp_path / "hospital" / "patients.csv")
    (tmp_path / "events").mkdir()
    made_events.long_rows().write_csv(tmp_path / "events" / "labs.csv")
    clinic.folder(tmp_path / "omop_folder")
    (tmp_path / "profile.yaml").write_text(profile(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trial, "LEAST_ROUNDS", trial.FEWEST_ROUNDS)
    monkeypatch.setattr(gate, "THRESHOLDS", dict.fromkeys(CriterionId, 10.0))
    monkeypatch.setattr("sosie.report.pdf.write_pdf", lambda *given: False)
    return tmp_path


@pytest.mark.parametrize("command", commands())
def test_the_commands_of_the_pages_run(command: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = shlex.split(command)[1:]
    if "cohort/" in arguments:
        fiction.build(desk / "cohort", 40, np.random.default_rng(4), ("tables", "timelines", "notes"))
    if arguments[0] == "demo":
        arguments += ["--patients", "60"]
    if arguments[0] == "verify":
        assert cli.run(["anonymize", "patients.csv", "--out", "shared"]) == 0
        shutil.copyfile(Path(os.environ["SOSIE_HOME"], "institution.pub"), "institution.pub")
    assert cli.run(arguments) in RELEASED_OR_REFUSED, capsys.readouterr().err
    assert "error" not in capsys.readouterr().out


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_the_python_of_the_pages_runs(page: Path, desk: Path) -> None:
    known: dict[str, Any] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), known)
    if any("doubles = " in block for block in blocks(page, "python")):
        assert len(known["doubles"])


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=lambda page: page.name)
def test_the_manifests_of_the_pages_are_sound(page: Path) -> None:
    for block in blocks(page, "yaml"):
        assert manifest.Manifest.model_validate(yaml.safe_load(block))


def test_the_manifest_of_the_pages_fits_the_demonstration(desk: Path) -> None:
    Path("sosie.yaml").write_text(blocks(ROOT / "docs" / "manifest.md", "yaml")[0], encoding="utf-8")
    found = inspect(Path("patients.csv"))
    assert {finding.place for finding in found.findings if finding.detector == "manifest"} >= {"nom", "diagnostic"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_anchors_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", text):
        # The picture of the report is drawn from a release: it may be made after the pages.
        assert not target or target.endswith(".png") or (page.parent / target).exists(), target


def test_every_page_is_in_the_table_of_contents() -> None:
    named = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert {path for entry in named for path in entry.values()} == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_every_option_of_the_pages_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("inspect", "anonymize", "audit", "deidentify", "verify", "demo"):
        cli.run([command, "--help"])
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setitem(os.environ, "IPYTHONDIR", str(tmp_path / "ipython"))
    book = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert all(cell.execution_count for cell in book.cells if cell.cell_type == "code")


def test_the_notebook_is_committed_without_outputs() -> None:
    import nbformat

    book = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)
    assert not any(cell.outputs for cell in book.cells if cell.cell_type == "code")
