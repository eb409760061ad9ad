"""The pictures of a cohort, read and held small: every image of a source, with its patient and its class.

A folder enters, the part of a cohort leaves. A DICOM file names its patient and its class (modality, part of the body,
view). Whose other files are is told as `sosie.images.owners` says, or by the folders in which they lie, one a patient;
where nothing tells, each is a patient of its own. Held are tones on a square, no header.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Rows
from sosie.errors import UnreadableError
from sosie.images import listing, source
from sosie.images.decode.files import Form, Person
from sosie.images.naming import ROOT
from sosie.images.owners import Owners
from sosie.images.pictures import Pictures, gathered
from sosie.images.small import SIDE, Small, small
from sosie.stream import Described, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sosie.manifest import Manifest
    from sosie.stream import Fact

__all__ = ["SIDE", "ImagesPart", "placed", "read", "relabelled"]

MOST = 24
"""Pictures of one class that are held of a patient: of more, some at equal steps."""
UNREAD = "{count} files that look like images could not be read; the first: {name}"
EMPTY = "{count} DICOM files hold no picture: they were left out"
MIDDLE = "of {count} volumes, films and files of several pages, only the middle picture has doubles"
THINNED = "{count} images were left out: of one class, at most {most} of a patient are used"
ALONE = "neither paths nor tables say whose {count} images are: each was taken for a patient of its own"
STRAY = "{count} images name no patient of the tables: they were left out"


@dataclass(frozen=True)
class ImagesPart:
    """The pictures of some patients.

    Parameters
    ----------
    keys : tuple of str
    pictures : Pictures
        Their patients are the keys, in order.
    form : {"dicom", "png"}
        In which doubles are written.
    people : tuple of Person
        Of doubles: what their headers say.
    seed : int
        Of the UIDs of doubles.
    notices : tuple of str
        What was left out.
    strays : frozenset of str
        Keys that are names of files, of which nothing tells whose they are.
    """

    keys: tuple[str, ...]
    pictures: Pictures
    form: Form = "png"
    people: tuple[Person, ...] = field(default=(), repr=False)
    seed: int = 0
    notices: tuple[str, ...] = ()
    strays: frozenset[str] = field(default=frozenset(), repr=False)

    def take(self, rows: Rows) -> ImagesPart:
        """Return the part of some patients, some of them more than once; a row of -1 is a patient without pictures."""
        own = [np.flatnonzero(self.pictures.patient == row) for row in rows]
        chosen = np.concatenate(own) if own else np.zeros(0, dtype=np.int64)
        whose = np.repeat(np.arange(len(rows)), [len(some) for some in own])
        shown = self.pictures
        taken = Pictures(shown.pixels[chosen], whose, len(rows), shown.label[chosen], shown.labels)
        keys = tuple(self.keys[row] if row >= 0 else "" for row in rows)
        people = tuple(self.people[row] for row in rows) if self.people else ()
        return replace(self, keys=keys, pictures=taken, people=people)

    def described(self) -> Described:
        """Return what the headers of doubles say to the other parts of the cohort; of patients nothing is kept."""
        n = len(self.keys)
        if len(self.people) != n:
            return Described([""] * n, np.full(n, np.nan))
        age = np.array([np.nan if person.age is None else person.age for person in self.people])
        return Described([person.sex if person.sex in ("F", "M") else "" for person in self.people], age)


def read(place: Path, manifest: Manifest) -> ImagesPart:
    """Read the images of a source; classes of fewer than k patients go together.

    Raises
    ------
    UnreadableError
        When none can be read.
    """
    found: list[Small] = []
    unread: list[str] = []
    empty = 0
    for item in source.walk(place, manifest):
        try:
            one = None if isinstance(item, Problem) else small(item)
        except UnreadableError:
            unread.append(item.name)
            continue
        if isinstance(item, Problem):
            unread.append(item.name)
        elif one is None:
            empty += item.kind == "dicom"
        else:
            found.append(one)
    if not found:
        raise UnreadableError(place.name, "no image could be read")
    owners, kinds, strays = _told(found, place, manifest)
    kept = _thinned(owners, kinds)
    pictures, keys = gathered(
        [found[at].pixels for at in kept], [owners[at] for at in kept], [kinds[at] for at in kept], manifest.k
    )
    counts = {
        UNREAD: len(unread),
        EMPTY: empty,
        MIDDLE: sum(one.middle for one in found),
        THINNED: len(found) - len(kept),
    }
    words = {"name": unread[0] if unread else "", "most": MOST}
    notices = tuple(said.format(count=count, **words) for said, count in counts.items() if count)
    form: Form = "dicom" if 2 * sum(one.dicom for one in found) >= len(found) else "png"
    return ImagesPart(keys, pictures, form, notices=notices, strays=strays)


def placed(part: ImagesPart, known: Mapping[str, Sequence[Fact]]) -> ImagesPart:
    """Give the images of which nothing told whose they are to the patients of the tables; leave out those of nobody."""
    if not part.strays:
        return part
    if not known:
        return replace(part, notices=(*part.notices, ALONE.format(count=len(part.strays))), strays=frozenset())
    owners = Owners()
    new = [owners.find(key, known) if key in part.strays else key for key in part.keys]
    lost = np.array([key is None for key in new])
    keys = tuple(dict.fromkeys(key for key in new if key is not None))
    number = np.array([keys.index(key) if key is not None else -1 for key in new])
    shown = part.pictures
    kept = ~lost[shown.patient]
    pictures = Pictures(shown.pixels[kept], number[shown.patient[kept]], len(keys), shown.label[kept], shown.labels)
    notices = (*part.notices, STRAY.format(count=int((~kept).sum()))) if lost.any() else part.notices
    return replace(part, keys=keys, pictures=pictures, notices=notices, strays=frozenset())


def relabelled(part: ImagesPart, labels: Sequence[str]) -> ImagesPart:
    """Return a part whose classes are numbered as others are; what they lack is of the last."""
    own = part.pictures
    number = np.array([labels.index(name) if name in labels else len(labels) - 1 for name in own.labels] or [0])
    pictures = Pictures(own.pixels, own.patient, own.patients, number[own.label], tuple(labels))
    return replace(part, pictures=pictures)


def _told(found: Sequence[Small], place: Path, manifest: Manifest) -> tuple[list[str], list[str], frozenset[str]]:
    """Return the patient key and the class of each image, and the keys that stand for one image alone."""
    listed = listing.read(place, manifest)
    owners = Owners(manifest.images.path, listed.owners)
    whose = [one.patient or owners.find(one.name) or "" for one in found]
    open_ = [at for at, key in enumerate(whose) if not key]
    folders = dict(zip(open_, _folders([found[at].name for at in open_]), strict=True))
    alone = len({some[0] for some in folders.values() if some}) < manifest.k
    kinds: list[str] = []
    strays: set[str] = set()
    for at, one in enumerate(found):
        above = folders.get(at, ())
        if not whose[at]:
            whose[at] = one.name if alone or not above else above[0]
            strays.update({one.name} if alone or not above else ())
            above = above if alone else above[1:]
        kinds.append(one.kind or listed.kinds.get(one.name) or next(iter(above), "") or "image")
    return whose, kinds, frozenset(strays)


def _folders(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the folders of each file, without those in which all lie."""
    folders = [tuple(name.split("/")[:-1]) for name in names]
    copied = all(some[:1] == (ROOT,) for some in folders)
    levels = zip(*folders, strict=False)
    shared = 1 if copied else sum(1 for _ in takewhile(lambda names: len(set(names)) == 1, levels))
    return [some[shared:] for some in folders]


def _thinned(owners: Sequence[str], kinds: Sequence[str]) -> list[int]:
    """Return which images are kept, at most `MOST` of each patient and class, at equal steps."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for at, each in enumerate(zip(owners, kinds, strict=True)):
        groups[each].append(at)
    if Counter(map(len, groups.values())).keys() <= set(range(MOST + 1)):
        return list(range(len(owners)))
    steps = (some if len(some) <= MOST else _steps(some) for some in groups.values())
    return sorted(at for some in steps for at in some)


def _steps(some: Sequence[int]) -> list[int]:
    return [some[at] for at in np.linspace(0, len(some) - 1, MOST).round().astype(int)]
