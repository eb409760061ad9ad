"""The slices of one volume: a face that shows in the whole is taken away, then each slice is treated by itself.

Where a face cannot be looked for, or may still show, each slice says so; the header then claims nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sosie.images import source
from sosie.images.answer import Answer
from sosie.images.source import Item
from sosie.images.worker import Faces, Worker, fits, guarded

if TYPE_CHECKING:
    from pydicom import FileDataset

STILL = "a face was found in its volume, and may still show"
UNSEEN = "no face could be looked for in its volume"
_SEPARATOR = "\0"


def treated(worker: Worker, items: Sequence[Item]) -> list[Answer]:
    """Treat the slices of a volume; return their answers in the same order."""
    answers: dict[int, Answer] = {}
    data: dict[int, bytes] = {}
    for at, item in enumerate(items):
        failed = guarded(item, partial(_load, item, data, at))
        if at not in data:
            answers[at] = failed
    among = worker.pseudonyms.hmac(_SEPARATOR.join(worker.pseudonyms.hmac(each) for each in data.values()).encode())
    digests = {at: worker.digest(items[at], each, among) for at, each in data.items()}
    for at, each in data.items():
        known = worker.known(items[at], each, digests[at])
        if known is not None:
            answers[at] = known
    datasets: dict[int, FileDataset] = {}
    left = [at for at in data if at not in answers]
    _read(items, data, left, datasets, answers)
    if datasets:
        # A face shows in the whole volume, what was treated before included.
        _read(items, data, [at for at in data if at not in left], datasets, {})
        data.clear()
        seen = faces({at: datasets[at] for at in sorted(datasets)})
        for at in [at for at in left if at not in answers]:
            dataset = datasets.pop(at)
            answers[at] = guarded(items[at], partial(_finish, worker, items[at], digests[at], dataset, seen[at]))
    return [answers[at] for at in range(len(items))]


def faces(datasets: Mapping[int, FileDataset]) -> dict[int, Faces | None]:
    """Take the face away, in place, and tell what was done to each slice."""
    from sosie.images.faces import series

    places = list(datasets)
    try:
        done = series(list(datasets.values()))
    except Exception:  # what volumes that make no sense raise; each slice is looked at by itself later
        return dict.fromkeys(places, Faces(False, notices=(UNSEEN,)))
    if done is None:
        return dict.fromkeys(places, None)
    notices = (*done.notices, *(() if done.passed else (STILL,)))
    return {at: Faces(done.passed, tuple(done.findings.get(n, ())), notices) for n, at in enumerate(places)}


def _read(
    items: Sequence[Item],
    data: Mapping[int, bytes],
    places: Iterable[int],
    datasets: dict[int, FileDataset],
    answers: dict[int, Answer],
) -> None:
    """Read slices; what cannot be read has its answer."""
    for at in places:
        failed = guarded(items[at], partial(_parse, items[at], data[at], datasets, at))
        if at not in datasets:
            answers[at] = failed


def _load(item: Item, data: dict[int, bytes], at: int) -> Answer:
    data[at] = item.load()
    return Answer(item.name)


def _parse(item: Item, raw: bytes, datasets: dict[int, FileDataset], at: int) -> Answer:
    dataset = source.parse(raw)
    fits(dataset)
    datasets[at] = dataset
    return Answer(item.name)


def _finish(worker: Worker, item: Item, digest: str, dataset: FileDataset, faces: Faces | None) -> Answer:
    return worker.saved(item, digest, worker.instance(dataset, faces))
