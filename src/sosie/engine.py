"""One map for all long work: the same function over many tasks, in parallel, with progress, in the order given.

Where a store is given, what a task returned is kept, and a run that was killed does not do it again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Event:
    """Progress of one stage: ``done`` of ``total`` steps (None when the total is not known)."""

    stage: str
    done: int
    total: int | None = None


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listen to nothing."""


class Shelf(Protocol):
    """Where the results of one call of `Engine.map` are kept, by the number of their task."""

    def load(self, number: int) -> Any | None:
        """Return a result that was kept, else None."""
        ...

    def save(self, number: int, result: Any) -> None:
        """Keep a result; called on the thread that computed it."""
        ...


class Store(Protocol):
    """Where the results of a run are kept (`checkpoint`)."""

    def shelf(self, stage: str, tasks: int) -> Shelf:
        """Return the shelf of the next call of a stage; the same calls in the same order find the same shelves."""
        ...


@dataclass(frozen=True)
class Engine:
    """Runs tasks on the threads of this process; kernels release the interpreter lock.

    Parameters
    ----------
    jobs : int
        Threads; 0 for one a core.
    store : Store, optional
        Keeps the result of each task that has ended.
    """

    jobs: int = 0
    store: Store | None = None

    @property
    def workers(self) -> int:
        """Number of threads."""
        allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.jobs or allowed or 1

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        stage: str = "",
        listener: Listener = silent,
    ) -> list[Result]:
        """Apply a function to each task; results come in the order of the tasks.

        A task takes its random numbers from a stream of its own, so that skipping one that is kept changes no other.
        """
        listener(Event(stage, 0, len(tasks)))
        shelf = self.store.shelf(stage, len(tasks)) if self.store is not None else None

        def done(number: int) -> Result:
            kept: Result | None = shelf.load(number) if shelf is not None else None
            if kept is not None:
                return kept
            result = function(tasks[number])
            if shelf is not None:
                shelf.save(number, result)
            return result

        results: list[Result] = []
        with single_threaded_libraries():
            if self.workers == 1:
                for number in range(len(tasks)):
                    results.append(done(number))
                    listener(Event(stage, len(results), len(tasks)))
                return results
            pool = ThreadPoolExecutor(self.workers)
            try:
                for result in pool.map(done, range(len(tasks))):
                    results.append(result)
                    listener(Event(stage, len(results), len(tasks)))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return results


def follow() -> None:
    """End this process when the one that began it ends, however it ends."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_last, args=(parent.sentinel,), daemon=True).start()


def _last(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@contextmanager
def single_threaded_libraries() -> Iterator[None]:
    """Keep linear algebra to one thread: small matrices are slower on several, most of all side by side."""
    with _controller().limit(limits=1):
        yield


@cache
def _controller() -> ThreadpoolController:
    # The controller knows the libraries that are loaded when it is made.
    import numpy as np  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
