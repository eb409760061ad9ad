"""What a cleaned instance says of itself: the file meta information, and the attributes of de-identification (PS3.15).

The preamble becomes zeros; of the file meta information only what is needed to read the file stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sosie.images.finding import TagFinding
from sosie.images.redact.profile import Profile

if TYPE_CHECKING:
    from pydicom import Dataset

PREAMBLE = 128
IMPLEMENTATION = "2.25.272406383171894720351237918743062014417"
"""UID of Sosie as an implementation; drawn once."""
VERSION = "SOSIE"
_NEEDED = frozenset({0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013})
_PADDING = 0xFFFCFFFC
_MODIFIED = {"modified_dates": "MODIFIED", "full_dates": "UNMODIFIED", "none": "REMOVED"}


def clean_file(dataset: Dataset, findings: list[TagFinding]) -> None:
    """Clean what stands around the dataset in its file, in place."""
    preamble = getattr(dataset, "preamble", None)
    if preamble and preamble.strip(b"\0"):
        findings.append(TagFinding("preamble", "IDENTIFIER", "removed"))
    if preamble is not None:
        dataset.preamble = bytes(PREAMBLE)
    if _PADDING in dataset:
        del dataset[_PADDING]
        findings.append(TagFinding("(FFFC,FFFC)", "IDENTIFIER", "removed"))
    meta = getattr(dataset, "file_meta", None)
    if meta is None:
        return
    for tag in [tag for tag in meta.keys() if int(tag) not in _NEEDED]:  # noqa: SIM118 - a dataset yields elements
        del meta[tag]
        findings.append(TagFinding(f"({int(tag) >> 16:04X},{int(tag) & 0xFFFF:04X})", "IDENTIFIER", "removed"))
    if "SOPInstanceUID" in dataset:
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = IMPLEMENTATION
    meta.ImplementationVersionName = VERSION


def tell(dataset: Dataset, profile: Profile, pixels: bool, faces: bool) -> None:
    """Set the attributes by which a de-identified instance says how it became one.

    Parameters
    ----------
    dataset : Dataset
    profile : Profile
    pixels : bool
        Whether text in the pixels was looked for and masked.
    faces : bool
        Whether faces were looked for and removed.
    """
    from pydicom import Dataset as Item

    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Sosie: DICOM PS3.15 Annex E, table of 2026d"
    items = []
    said = profile.model_copy(
        update={
            "clean_pixel_data": profile.clean_pixel_data and pixels,
            "clean_recognizable_visual_features": profile.clean_recognizable_visual_features and faces,
        }
    )
    for code, meaning in said.codes:
        item = Item()
        item.add_new(0x00080100, "SH", code)
        item.add_new(0x00080102, "SH", "DCM")
        item.add_new(0x00080104, "LO", meaning)
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = items
    dataset.LongitudinalTemporalInformationModified = _MODIFIED[profile.dates]
    if said.clean_pixel_data and 0x7FE00010 in dataset:
        dataset.BurnedInAnnotation = "NO"
        if said.clean_recognizable_visual_features:
            dataset.RecognizableVisualFeatures = "NO"
