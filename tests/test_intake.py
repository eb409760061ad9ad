import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pydicom.data import get_testdata_file

from sosie import intake
from sosie.cohort import Role, Vectors, modalities
from sosie.errors import ManifestError, UnreadableError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    ages = pl.DataFrame({"patient": [f"P{i}" for i in range(40)], "age": rng.integers(20, 90, 40)})
    ages.write_csv(tmp_path / "ages.csv")
    ages.select("patient", sodium=pl.Series(rng.normal(140, 3, 40).round(1))).reverse().write_csv(tmp_path / "labs.csv")
    return tmp_path


def test_parts_know_their_roles_and_stand_in_the_order_of_their_patients(folder: Path) -> None:
    source = intake.read(folder)
    assert source.name == folder.name
    assert source.cohort.keys == tuple(f"P{i}" for i in range(40))
    assert Role.KEY in {finding.role for finding in source.findings}


@pytest.mark.parametrize(("place", "message"), [("none.csv", "no such file"), ("photo.jpg", "nothing here that Sosie")])
def test_what_cannot_be_read_is_named(tmp_path: Path, place: str, message: str) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(UnreadableError, match=f"{place}: {message}"):
        intake.read(tmp_path / place)


def test_the_password_of_an_address_is_in_no_message() -> None:
    with pytest.raises(Exception, match=r"^(?!.*hunter2)") as raised:
        intake.read("postgresql://me:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(raised.value)


def test_another_source_is_read_in_the_shape_of_the_first(folder: Path, tmp_path: Path) -> None:
    source = intake.read(folder)
    other = intake.like(source, folder)
    assert [type(part) for part in other.parts.values()] == [type(part) for part in source.cohort.parts.values()]
    with pytest.raises(UnreadableError, match="no such file"):
        intake.like(source, tmp_path / "gone")


def test_what_another_cohort_lacks_is_left_out(folder: Path, tmp_path: Path) -> None:
    source = intake.read(folder / "ages.csv")
    (tmp_path / "other").mkdir()
    pl.DataFrame({"age": range(50)}).write_csv(tmp_path / "other" / "ages.csv")
    shared = source.shared(intake.like(source, tmp_path / "other" / "ages.csv"))
    assert [table.frame.columns for table in shared.cohort.parts["tables"].tables] == [["age"]]  # type: ignore[attr-defined]
    assert len(shared.cohort) == 40


@pytest.mark.parametrize(("patients", "refused"), [(39, True), (40, False)])
def test_twice_k_patients_are_needed(folder: Path, patients: int, refused: bool) -> None:
    cohort = intake.read(folder / "ages.csv").cohort.take(np.arange(patients))
    if refused:
        with pytest.raises(ManifestError, match="at least 40"):
            intake.require(cohort, "ages.csv", 20)
    else:
        intake.require(cohort, "ages.csv", 20)
        assert len(cohort) == patients


@pytest.mark.parametrize("values", [np.zeros((30, 0)), np.ones((30, 2)), np.full((30, 1), np.nan)])
def test_a_cohort_with_nothing_to_model_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ManifestError, match="no column is left"):
        intake.require_content(Vectors((), values), "ages.csv")


@pytest.fixture
def without_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """No modality makes doubles of images, although a stream copies them."""
    offered = {name: each for name, each in modalities().items() if name != "images"}
    monkeypatch.setattr(intake, "modalities", lambda: offered)


@pytest.mark.usefixtures("without_images")
def test_what_has_no_doubles_is_left_out_beside_tables_with_a_notice(folder: Path) -> None:
    shutil.copy(str(get_testdata_file("CT_small.dcm")), folder)
    given = intake.read(folder)
    assert list(given.cohort.parts) == ["tables"]
    assert [notice for notice in given.notices if "images" in notice] == [intake.LATER.format(name="images")]


@pytest.mark.usefixtures("without_images")
def test_what_has_no_doubles_is_refused_alone(tmp_path: Path) -> None:
    shutil.copy(str(get_testdata_file("CT_small.dcm")), tmp_path)
    with pytest.raises(ManifestError, match="images are not offered yet"):
        intake.read(tmp_path)
