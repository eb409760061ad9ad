from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sosie.manifest import Manifest, Target
from sosie.stream import Described
from sosie.tables import source


def described(folder: Path, columns: dict[str, list[object]], *targets: Target) -> Described:
    pl.DataFrame({"id": range(40), **columns}).write_csv(folder / "t.csv")
    return source.read(folder / "t.csv", Manifest(targets=targets)).described()


def test_a_survival_target_tells_the_follow_up_in_days(tmp_path: Path) -> None:
    columns = {"os_months": list(range(40)), "x": [0, 1] * 20}
    told = described(tmp_path, columns, Target(duration="os_months", event="x"))
    assert told.followed is not None
    assert told.followed[2] == pytest.approx(2 * 30.4375)
    assert told.dead is not None
    assert list(told.dead[:4]) == [0, 1, 0, 1]


def test_names_tell_where_the_manifest_does_not(tmp_path: Path) -> None:
    told = described(tmp_path, {"futime": list(range(40)), "status": [0, 1, 2, 2] * 10})
    assert told.followed is not None
    assert told.followed[39] == 39
    assert told.dead is not None
    assert told.dead.sum() == 20


def test_words_tell_a_death_and_a_relapse_is_none(tmp_path: Path) -> None:
    words = {"duree_annees": list(range(40)), "deces": ["oui", "non", "", "oui"] * 10}
    told = described(tmp_path, words, Target(duration="duree_annees", event="deces"))
    assert told.dead is not None
    assert np.isnan(told.dead[2])
    assert told.dead[0] == 1
    relapse = {"duree": list(range(40)), "rechute": [0, 1] * 20}
    told = described(tmp_path, relapse, Target(duration="duree", event="rechute"))
    assert told.followed is not None
    assert told.dead is None


def test_nothing_is_told_of_no_follow_up(tmp_path: Path) -> None:
    told = described(tmp_path, {"weight": list(range(40))})
    assert told.followed is None
    assert told.dead is None
