from pathlib import Path

import numpy as np
import pytest

from sosie import doubles, intake
from sosie.cohort import Cohort, modalities
from sosie.images import listing
from sosie.images.copy import Images as Stream
from sosie.images.decode.files import Person, write
from sosie.images.modality import Images
from sosie.images.owners import Owners
from sosie.manifest import ImagesManifest, Manifest
from sosie.synthesis.mixture import Mixture
from tests.images.pictured import pictures

RNG = np.random.default_rng
PATIENTS = 30


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images have doubles, whether or not the installed package tells so already."""
    there = {**modalities(), "images": Images()}
    monkeypatch.setattr(intake, "modalities", lambda: there)


def listed(folder: Path, rows: str = "") -> Path:
    """Write pictures whose names tell nothing, and a table that lists them."""
    some = pictures(PATIENTS, RNG(0))
    write(some, [Person(f"p{number}") for number in range(PATIENTS)], folder / "out", "png", RNG(1))
    lines = ["patient_id,image_id,modality,projection"]
    for at, path in enumerate(sorted((folder / "out").rglob("*.png"))):
        whose = path.parent.parent.name
        (folder / "in" / "png").mkdir(parents=True, exist_ok=True)
        path.rename(folder / "in" / "png" / f"x{at:03d}.png")
        lines.append(f"{whose},x{at:03d},{('CR', 'DX')[at % 2]},{('ap', 'pa')[int(whose[1:]) % 2]}")
    (folder / "in" / "data.csv").write_text("\n".join(lines) + "\n")
    return folder / "in"


def test_a_table_tells_whose_images_are_and_of_which_class(tmp_path: Path) -> None:
    found = listing.read(listed(tmp_path), Manifest())
    assert len(set(found.owners.values())) == PATIENTS
    assert set(found.kinds.values()) == {"CR AP", "CR PA"}
    assert [path.name for path in found.tables] == ["data.csv"]


def test_a_table_that_lists_no_image_is_a_table(tmp_path: Path) -> None:
    place = listed(tmp_path)
    (place / "data.csv").write_text("patient_id,age\n1,50\n1,51\n2,60\n")
    assert listing.read(place, Manifest()) == listing.Listing()


def test_pictures_of_a_list_are_read_by_patient(tmp_path: Path) -> None:
    place = listed(tmp_path)
    part = Images().read(place, Manifest())
    assert len(part.keys) == PATIENTS
    assert part.pictures.labels == ("CR AP", "CR PA")
    claimed = Stream().claims(place, Manifest())
    assert {path.suffix for path in claimed} == {".csv", ".png"}


def test_the_manifest_comes_before_the_list_and_the_list_before_the_path() -> None:
    manifest = ImagesManifest(path=r"^(?P<patient>\d+)/")
    owners = Owners(manifest.path, {"a/sub-02_T1w.nii": "listed"})
    assert owners.find("17/a.png") == "17"
    assert owners.find("a/sub-02_T1w.nii") == "listed"
    assert owners.find("b/sub-02_T1w.nii") == "02"
    assert owners.find("b/AB1234/x.png", {"AB1234"}) == "AB1234"
    assert owners.find("b/x.png") is None


@pytest.mark.usefixtures("offered")
def test_images_beside_tables_become_doubles_of_the_same_patients(tmp_path: Path) -> None:
    place = listed(tmp_path)
    rows = [f"p{number},{'FM'[number % 2]},{40 + number}" for number in range(PATIENTS + 4)]
    (place / "patients.csv").write_text("\n".join(["patient_id,sex,age", *rows]) + "\n")
    source = intake.read(place)
    assert len(source.cohort) == PATIENTS + 4
    fitted = doubles.fit(source.cohort, source.modalities, source.manifest, Mixture(), RNG(0))
    made = fitted.draw(20, RNG(1))
    people = made.parts["images"].people  # type: ignore[attr-defined]
    told = made.parts["tables"].described()  # type: ignore[attr-defined]
    assert [person.sex for person in people] == list(told.sex)
    assert isinstance(made, Cohort)
