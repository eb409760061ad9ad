"""Processes that treat windows of notes: windows enter in order, their answers leave in order, two at most in flight.

Little work is done in this process, since others take a second to start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from sosie.engine import follow
from sosie.errors import SosieError
from sosie.notes.document import Document
from sosie.notes.kept import Kept
from sosie.notes.windows import Notes, tasks
from sosie.notes.worker import Answer
from sosie.stream import Fact

FEW = 200_000
"""Characters up to which a source is treated in this process."""
IN_FLIGHT = 2

Treat = Callable[[tuple[tuple[Notes, ...], Mapping[str, Sequence[Fact]]]], list[Answer]]
Window = list[Document]


@dataclass(frozen=True)
class Crew:
    """Processes.

    Parameters
    ----------
    treat : callable
        What each does with a task and the facts of its patients.
    facts : mapping
        Of all patients.
    jobs : int
        Processes; with one, the work is done in this one.
    kept : Kept
    """

    treat: Treat
    facts: Mapping[str, Sequence[Fact]]
    jobs: int
    kept: Kept

    def answers(self, windows: Iterable[Window]) -> Iterator[tuple[Window, list[Answer]]]:
        """Treat windows; yield each with the answers to its notes, in their order."""
        stream = iter(windows)
        first = next(stream, None)
        if first is None:
            return
        second = next(stream, None)
        given = _again([window for window in (first, second) if window is not None], stream)
        few = second is None and sum(len(document.text) for document in first) <= FEW
        if self.jobs == 1 or few:
            for number, window in enumerate(given):
                yield window, self._here(number, window)
            return
        yield from self._there(given)

    def _here(self, number: int, window: Window) -> list[Answer]:
        digest = self.kept.digest(window)
        known = self.kept.load(number, digest)
        if known is None:
            known = _ordered(self.treat((task, self._of(task))) for task in tasks(window, self.facts))
            self.kept.save(number, digest, known)
        return known

    def _there(self, windows: Iterator[Window]) -> Iterator[tuple[Window, list[Answer]]]:
        pool = ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"), initializer=follow)
        waiting: deque[tuple[int, Window, str, list[Answer] | None, list[Future[list[Answer]]]]] = deque()
        try:
            for number, window in enumerate(windows):
                digest = self.kept.digest(window)
                known = self.kept.load(number, digest)
                begun = (
                    []
                    if known is not None
                    else [pool.submit(self.treat, (task, self._of(task))) for task in tasks(window, self.facts)]
                )
                waiting.append((number, window, digest, known, begun))
                if len(waiting) >= IN_FLIGHT:
                    yield self._ended(*waiting.popleft())
            while waiting:
                yield self._ended(*waiting.popleft())
        except BrokenProcessPool:
            raise SosieError(
                "a process that treats notes ended unexpectedly, for want of memory perhaps: try --jobs 1; the same "
                "command goes on from where it was"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _ended(
        self, number: int, window: Window, digest: str, known: list[Answer] | None, begun: list[Future[list[Answer]]]
    ) -> tuple[Window, list[Answer]]:
        if known is None:
            known = _ordered(future.result() for future in begun)
            self.kept.save(number, digest, known)
        return window, known

    def _of(self, task: Sequence[Notes]) -> dict[str, Sequence[Fact]]:
        return {notes.key: self.facts[notes.key] for notes in task if notes.key in self.facts}


def _ordered(answers: Iterable[list[Answer]]) -> list[Answer]:
    return sorted((answer for some in answers for answer in some), key=lambda answer: answer.position)


def _again(first: list[Window], rest: Iterator[Window]) -> Iterator[Window]:
    yield from first
    yield from rest
