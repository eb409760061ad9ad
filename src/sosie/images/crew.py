"""Processes that treat images: items enter in order, their answers leave in order, a few in flight at a time.

A decoder may abort the process that calls it, or an image take all its memory. The image at fault is then a problem:
those that were in flight with it are treated again, each in a process of its own.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context

from sosie.engine import follow
from sosie.images.answer import Answer
from sosie.images.source import Item
from sosie.images.worker import Worker

FEW = 2
"""Images that are treated in this process: others take a second to start."""
IN_FLIGHT = 3
"""Tasks a process."""
Task = tuple[Item, ...]
ENDED = "the process that treated it ended unexpectedly, for want of memory perhaps; not copied"
_HERE: list[Worker] = []
"""In a process of the crew, what it does with images: sent once, since it holds what the tables know."""


@dataclass
class Crew:
    """Processes.

    Parameters
    ----------
    worker : Worker
    jobs : int
        Processes; with one, the work is done in this one.
    """

    worker: Worker
    jobs: int

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """Treat images, those of a task together; yield their answers in the same order."""
        stream = iter(tasks)
        first = list(islice(stream, FEW + 1))
        if self.jobs == 1 or len(first) <= FEW:
            for task in chain(first, stream):
                yield from self.worker.together(task)
            return
        yield from self._there(chain(first, stream))

    def _there(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        pool = self._pool(self.jobs)
        waiting: deque[tuple[Task, Future[list[Answer]]]] = deque()
        try:
            for task in tasks:
                try:
                    waiting.append((task, pool.submit(_treat, task)))
                except BrokenProcessPool:
                    pool.shutdown(wait=False)
                    pool = self._pool(self.jobs)
                    waiting.append((task, pool.submit(_treat, task)))
                if len(waiting) >= self.jobs * IN_FLIGHT:
                    yield from self._ended(*waiting.popleft())
            while waiting:
                yield from self._ended(*waiting.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _ended(self, task: Task, future: Future[list[Answer]]) -> list[Answer]:
        with suppress(BrokenProcessPool):
            return future.result()
        return [answer for item in task for answer in self._alone(item)]

    def _alone(self, item: Item) -> list[Answer]:
        with self._pool(1) as alone:
            try:
                return alone.submit(_treat, (item,)).result()
            except BrokenProcessPool:
                return [Answer(item.name, problem=ENDED)]

    def _pool(self, jobs: int) -> ProcessPoolExecutor:
        given = (self.worker,)
        return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=given)


def _begin(worker: Worker) -> None:
    follow()
    warnings.simplefilter("ignore")  # libraries quote the data in their warnings
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _HERE[:] = [worker]


def _treat(task: Task) -> list[Answer]:
    return _HERE[0].together(task)
