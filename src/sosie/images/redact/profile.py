"""The options of PS3.15 Annex E, by name: the defaults, and the profile by which a user changes them.

They stand in the profile file of the notes, under a key of their own::

    version: 1
    weekdays: true
    images:
      clean_graphics: false
      retain_device_identity: true
      retain_longitudinal_temporal_information: full_dates   # or modified_dates, or none

By default the Basic Profile is applied with the options that keep an image useful and that can be checked: all that
clean, and those that retain modified dates, the patient's characteristics and private attributes that are safe.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sosie.errors import ManifestError

Dates = Literal["modified_dates", "full_dates", "none"]


class Profile(BaseModel):
    """The Basic Profile with options.

    Parameters
    ----------
    clean_pixel_data, clean_recognizable_visual_features : bool
        What others do to the pixels, and what the header then says of it.
    clean_graphics, clean_structured_content, clean_descriptors : bool
    retain_longitudinal_temporal_information : str
        ``modified_dates`` moves dates by the patient's shift, ``full_dates`` keeps them, ``none`` removes them.
    retain_patient_characteristics, retain_device_identity, retain_institution_identity : bool
    retain_uids, retain_safe_private : bool
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    clean_pixel_data: bool = True
    clean_recognizable_visual_features: bool = True
    clean_graphics: bool = True
    clean_structured_content: bool = True
    clean_descriptors: bool = True
    retain_longitudinal_temporal_information: Dates = "modified_dates"
    retain_patient_characteristics: bool = True
    retain_device_identity: bool = False
    retain_institution_identity: bool = False
    retain_uids: bool = False
    retain_safe_private: bool = True

    @classmethod
    def load(cls, path: Path | None) -> Profile:
        """Read the part of a profile file that is of images; without a file, the defaults.

        Raises
        ------
        ManifestError
            When the file is not YAML, or names what does not exist; the message names the field.
        """
        if path is None:
            return cls()
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ManifestError(f"{path.name}: not a readable YAML file") from error
        if not isinstance(raw, dict):
            raise ManifestError(f"{path.name}: expected a mapping of keys to values")
        try:
            return cls.model_validate(raw.get("images") or {})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in ("images", *first["loc"]))
            raise ManifestError(f"{path.name}, field {place!r}: {first['msg']}") from error

    @property
    def dates(self) -> Dates:
        """What becomes of dates."""
        return self.retain_longitudinal_temporal_information

    @property
    def options(self) -> frozenset[str]:
        """The options by the names that the table gives them."""
        named = {
            "graphics": self.clean_graphics,
            "structured_content": self.clean_structured_content,
            "descriptors": self.clean_descriptors,
            "characteristics": self.retain_patient_characteristics,
            "device": self.retain_device_identity,
            "institution": self.retain_institution_identity,
            "uids": self.retain_uids,
            "safe_private": self.retain_safe_private,
        }
        return frozenset(name for name, chosen in named.items() if chosen) | {self.dates} - {"none"}

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Codes and meanings of the methods that are applied (PS3.16, CID 7050)."""
        chosen = (
            ("113100", "Basic Application Confidentiality Profile", True),
            ("113101", "Clean Pixel Data Option", self.clean_pixel_data),
            ("113102", "Clean Recognizable Visual Features Option", self.clean_recognizable_visual_features),
            ("113103", "Clean Graphics Option", self.clean_graphics),
            ("113104", "Clean Structured Content Option", self.clean_structured_content),
            ("113105", "Clean Descriptors Option", self.clean_descriptors),
            ("113106", "Retain Longitudinal Temporal Information Full Dates Option", self.dates == "full_dates"),
            (
                "113107",
                "Retain Longitudinal Temporal Information Modified Dates Option",
                self.dates == "modified_dates",
            ),
            ("113108", "Retain Patient Characteristics Option", self.retain_patient_characteristics),
            ("113109", "Retain Device Identity Option", self.retain_device_identity),
            ("113110", "Retain UIDs Option", self.retain_uids),
            ("113111", "Retain Safe Private Option", self.retain_safe_private),
            ("113112", "Retain Institution Identity Option", self.retain_institution_identity),
        )
        return tuple((code, meaning) for code, meaning, applied in chosen if applied)
