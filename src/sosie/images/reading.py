"""Values of a header that may be broken: what cannot be read is as if it were not there."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset
    from pydicom.tag import BaseTag


def value_of(dataset: Dataset, tag: BaseTag) -> Any:
    """Return a value, None where it cannot be read."""
    try:
        return dataset[tag].value
    except Exception:  # a value that cannot be read fails in ways that no list names
        return None


def items_of(value: Any) -> Sequence[Dataset]:
    """Return the items of what should be a sequence."""
    return value if isinstance(value, MutableSequence) else ()


def text_of(dataset: Dataset, keyword: str) -> str:
    """Return a value as text, empty where there is none that can be read."""
    try:
        return str(dataset.get(keyword) or "").strip()
    except Exception:  # as above
        return ""
