"""Notes as a modality: the rooms of this folder behind the one protocol, for doubles' notes.

A pseudonymised copy is made as notes are read (`copy`); doubles need the notes of the whole cohort, which are held.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sosie.cohort import Finding, Role, Vectors
from sosie.errors import ManifestError, UnreadableError
from sosie.manifest import Manifest
from sosie.notes import source
from sosie.notes.document import Document, Label
from sosie.notes.doubles import form as forms
from sosie.notes.doubles.form import form_of
from sosie.notes.doubles.observe import Lens
from sosie.notes.doubles.part import NotesPart
from sosie.notes.windows import owner
from sosie.pseudonyms import Pseudonyms
from sosie.stream import Knowledge

if TYPE_CHECKING:
    from sosie.engine import Listener
    from sosie.notes.decode import NotesCodec
    from sosie.notes.doubles.reading import Reading

LATER = "notes are pseudonymised as they are read: see `sosie deidentify`"
UNREAD = "{count} problems in the notes; the first: {name}: {reason}"
ALONE = "notes say neither in a column nor in the text whose they are: each was taken for a patient of its own"
STRAY = "{count} notes name no patient of the tables: they were left out"
CHANGED = "the doubles' notes are text files: they are not written in the formats that came in"
EMPTIED = "columns of the notes other than patient, document, date, kind and text are left empty in the release"


class Notes:
    """Clinical notes, several a patient."""

    name = "notes"

    def recognises(self, place: Path | str, without: Collection[Path] = ()) -> bool:
        """Tell whether a file or a folder holds notes."""
        return source.recognises(place)

    def read(self, place: Path | str, manifest: Manifest, without: Collection[Path] = ()) -> NotesPart:
        """Read the notes of a source, those of each patient together."""
        root = Path(place)
        found: dict[str, list[Document]] = defaultdict(list)
        problems: list[source.Problem] = []
        for each in source.read(root, manifest):
            if isinstance(each, source.Problem):
                problems.append(each)
            elif not source.is_header(each) and each.text.strip():
                found[forms.double_of(each.name) or owner(each)].append(each)
        if not found:
            reason = f"no note could be read ({problems[0].name}: {problems[0].reason})" if problems else "no note"
            raise UnreadableError(root.name, reason)
        documents = [document for some in found.values() for document in some]
        form = form_of(root, documents, found, manifest)
        notices: list[str] = []
        if problems:
            first = problems[0]
            notices.append(UNREAD.format(count=len(problems), name=first.name, reason=first.reason))
        notices += [CHANGED] if form.changed else []
        notices += [EMPTIED] if form.others else []
        return NotesPart(
            tuple(found),
            tuple(tuple(some) for some in found.values()),
            form,
            rows=np.full(len(found), -1),
            notices=tuple(notices),
        )

    def attend(
        self, part: NotesPart, manifest: Manifest, knowledge: Knowledge, jobs: int, listener: Listener
    ) -> NotesPart:
        """Read what the notes say, once; a note that names nobody's key is of the patient whom the tables know."""
        from sosie.notes.doubles.building import build
        from sosie.notes.doubles.reading import read_all
        from sosie.notes.doubles.soundness import sound

        placed = _placed(part, knowledge)
        known = [knowledge.facts.get(key, ()) for key in placed.keys]
        readings = read_all(placed.documents, known, jobs, listener)
        placed, readings = _gathered(placed, readings)
        corpus = build(placed.documents, readings)
        corpus = replace(corpus, sound=sound(corpus, manifest.k))
        return replace(placed, corpus=corpus, rows=np.arange(len(placed.keys)))

    def identify(self, part: NotesPart, manifest: Manifest) -> tuple[Finding, ...]:
        """Return what identifies, a finding a label."""
        if part.corpus is None:
            return ()
        published = {str(label): label for label in Label}
        return tuple(
            Finding(
                part.form.name,
                label,
                label,
                Role.QUASI if label.startswith("QI_") or not published.get(label, Label.DATE).direct else Role.DIRECT,
                round(score, 3),
                detector,
                f"found {count} times in the notes",
            )
            for label, (count, score, detector) in sorted(part.corpus.labels.items())
        )

    def assign(self, part: NotesPart, findings: Sequence[Finding], manifest: Manifest) -> NotesPart:
        """Return the part, which knows its spans."""
        return part

    def redact(self, part: NotesPart, findings: Sequence[Finding], pseudonyms: Pseudonyms) -> NotesPart:
        """Refuse: copies are streamed."""
        raise ManifestError(LATER)

    def fit_codec(self, part: NotesPart, manifest: Manifest, rng: np.random.Generator) -> NotesCodec:
        """Learn what notes share; how many patients each thing needs is drawn, at k or above."""
        from sosie.notes.decode import NotesCodec

        return NotesCodec.fit(part, manifest, rng)

    def finish(self, doubles: NotesPart, original: NotesPart, manifest: Manifest, jobs: int) -> NotesPart:
        """Leave out the sentences in which the detector sees an identifier that nobody invented."""
        from sosie.notes.doubles.finishing import finished

        return finished(doubles, original, manifest.k, jobs)

    def observe(self, part: NotesPart, manifest: Manifest) -> Callable[[NotesPart], Vectors]:
        """Return the attacker's view of texts."""
        lens = Lens.of(part.documents)

        def look(other: NotesPart) -> Vectors:
            return lens.look(other.documents)

        return look

    def conform(self, part: NotesPart, like: NotesPart) -> NotesPart:
        """Return the part: texts have no columns."""
        return part

    def shared(self, part: NotesPart, other: NotesPart) -> NotesPart:
        """Return the part: texts have no columns."""
        return part

    def describe(self, part: NotesPart, manifest: Manifest) -> Mapping[str, object]:
        """Tell the notices of the reading."""
        return {"rules": {"en": [], "fr": []}, "uniqueness": {}, "notices": list(part.notices)}

    def compare(
        self, original: NotesPart, doubles: NotesPart, manifest: Manifest, rng: np.random.Generator
    ) -> Mapping[str, object]:
        """Measure what the doubles' notes keep."""
        from sosie.notes.compare import compare

        return compare(original, doubles, manifest, rng)

    def write(self, part: NotesPart, directory: Path) -> None:
        """Write the notes in the form in which they came."""
        forms.write(part.form, part.keys, part.documents, directory)


def _placed(part: NotesPart, knowledge: Knowledge) -> NotesPart:
    """Give notes that name no patient to the one of the tables whose key stands in them; leave out those of nobody."""
    if not knowledge.facts:
        return part
    found: dict[str, list[Document]] = defaultdict(list)
    lost = 0
    for key, documents in zip(part.keys, part.documents, strict=True):
        for document in documents:
            mine = key if document.patient else owner(document, knowledge.facts)
            if document.patient or mine in knowledge.facts:
                found[mine].append(document)
            else:
                lost += 1
    notices = (*part.notices, STRAY.format(count=lost)) if lost else part.notices
    documents_ = tuple(tuple(some) for some in found.values())
    return replace(part, keys=tuple(found), documents=documents_, notices=notices)


def _gathered(part: NotesPart, readings: Sequence[list[Reading]]) -> tuple[NotesPart, list[list[Reading]]]:
    """Put together the notes that name the same patient number, where the source names no patient."""
    named = any(document.patient for documents in part.documents for document in documents)
    alone = all(len(documents) == 1 for documents in part.documents)
    if named or not alone:
        return part, list(readings)
    keys: dict[str, list[int]] = defaultdict(list)
    for at, ((reading,), key) in enumerate(zip(readings, part.keys, strict=True)):
        keys[f"#{reading.number}" if reading.number else key].append(at)
    together = Counter(len(rows) > 1 for rows in keys.values())[True]
    notices = part.notices if together else (*part.notices, ALONE)
    rows = list(keys.values())
    return (
        replace(
            part,
            keys=tuple(part.keys[some[0]] for some in rows),
            documents=tuple(tuple(part.documents[at][0] for at in some) for some in rows),
            notices=notices,
        ),
        [[readings[at][0] for at in some] for some in rows],
    )
