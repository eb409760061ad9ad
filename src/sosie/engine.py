"""One map for all long work: the same function over many tasks, in parallel, with progress, in the order given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

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


@dataclass(frozen=True)
class Engine:
    """Runs tasks on the threads of this process; kernels release the interpreter lock.

    Parameters
    ----------
    jobs : int
        Threads; 0 for one a core.
    """

    jobs: int = 0

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
        """Apply a function to each task; results come in the order of the tasks."""
        listener(Event(stage, 0, len(tasks)))
        results: list[Result] = []
        with single_threaded_libraries():
            if self.workers == 1:
                for task in tasks:
                    results.append(function(task))
                    listener(Event(stage, len(results), len(tasks)))
                return results
            pool = ThreadPoolExecutor(self.workers)
            try:
                for result in pool.map(function, tasks):
                    results.append(result)
                    listener(Event(stage, len(results), len(tasks)))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return results


@contextmanager
def single_threaded_libraries() -> Iterator[None]:
    """Keep linear algebra to one thread: small matrices are slower on several, most of all side by side."""
    with _controller().limit(limits=1):
        yield


@cache
def _controller() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
