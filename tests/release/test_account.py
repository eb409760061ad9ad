from types import SimpleNamespace
from typing import Any

from sosie.release import account


def source(*uniqueness: dict[str, Any]) -> Any:
    def modality(told: dict[str, Any]) -> Any:
        described = {"rules": {"en": [], "fr": []}, "uniqueness": told, "notices": []}
        return SimpleNamespace(describe=lambda part, manifest: described)

    names = [f"m{at}" for at in range(len(uniqueness))]
    return SimpleNamespace(
        cohort=SimpleNamespace(parts=dict.fromkeys(names)),
        modalities={name: modality(told) for name, told in zip(names, uniqueness, strict=True)},
        manifest=None,
        notices=[],
    )


def test_what_several_modalities_say_of_uniqueness_stands_together() -> None:
    told = account.described(source({"k": 11, "all_columns": [1]}, {"k": 5, "gaps": [2]}, {}))
    assert told["uniqueness"] == {"k": 11, "all_columns": [1], "gaps": [2]}


def test_nothing_is_said_where_no_modality_says_anything() -> None:
    assert account.described(source({}, {}))["uniqueness"] == {}
