"""What is done with each label: the defaults, and the profile by which a user changes them.

A profile is a YAML file::

    version: 1
    language: fr          # of the notes; by default each patient's notes show theirs
    weekdays: true        # dates stay on their day of the week
    default: surrogate    # or tag: <NOM>
    labels: {HOPITAL: keep, QI_PROFESSION: tag}
    model: camembert      # file or folder of another learned detector
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sosie.errors import ManifestError
from sosie.notes.document import Label

DATES = frozenset({Label.DATE, Label.BIRTH_DATE, Label.AGE})


class Action(StrEnum):
    """What is done with a span."""

    SURROGATE = "surrogate"
    TAG = "tag"
    SHIFT = "shift"
    KEEP = "keep"


@dataclass(frozen=True)
class Style:
    """What is done with each label.

    Parameters
    ----------
    actions : mapping of Label to Action
        Labels that do not follow the default.
    default : Action
    language : str, optional
        Code of the language of the notes; None to tell it from the text.
    weekdays : bool
        Whether dates stay on their day of the week.
    model : str, optional
        File or folder of a learned detector that replaces the one that comes with the package.
    """

    actions: Mapping[Label, Action] = field(default_factory=dict)
    default: Action = Action.SURROGATE
    language: str | None = None
    weekdays: bool = False
    model: str | None = None

    def action(self, label: Label) -> Action:
        """Return what is done with a label; a surrogate of a date is a date that moved."""
        chosen = self.actions.get(label, self.default)
        return Action.SHIFT if chosen is Action.SURROGATE and label in DATES else chosen


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    language: str | None = None
    weekdays: bool = False
    default: Literal["surrogate", "tag"] = "surrogate"
    labels: dict[str, Action] = Field(default_factory=dict)
    model: str | None = None
    images: Any = None
    """What is done with images, which have a room of their own."""


def load(path: Path, languages: Mapping[str, Callable[[], Mapping[Label, str]]]) -> Style:
    """Read a profile.

    Parameters
    ----------
    path : Path
    languages : mapping of str to callable
        The languages that are installed, and what gives the names under which each publishes its labels.

    Raises
    ------
    ManifestError
        When the file is not YAML, or names what does not exist; the message names the field.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        profile = _Profile.model_validate(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ManifestError(f"{path.name}: not a readable YAML file") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ManifestError(f"{path.name}, field {place!r}: {first['msg']}") from error
    if profile.language is not None and profile.language not in languages:
        raise ManifestError(f"{path.name}, field 'language': expected one of {', '.join(languages)}")
    model = None if profile.model is None else path.parent / profile.model
    if model is not None and not model.exists():
        raise ManifestError(f"{path.name}, field 'model': no such file or folder")
    named = {label.value: label for label in Label} | {label.name: label for label in Label}
    for publish in languages.values():
        named |= {name: label for label, name in publish().items()}
    actions: dict[Label, Action] = {}
    for name, action in profile.labels.items():
        if name not in named:
            offered = ", ".join(sorted(named))
            raise ManifestError(f"{path.name}, field 'labels': {name!r} is no label; expected {offered}")
        if action is Action.SHIFT and named[name] not in DATES:
            raise ManifestError(f"{path.name}, field 'labels': only dates and ages can be shifted, not {name!r}")
        actions[named[name]] = action
    return Style(
        actions, Action(profile.default), profile.language, profile.weekdays, None if model is None else str(model)
    )
