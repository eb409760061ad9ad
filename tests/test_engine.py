import os
import threading
import time

import pytest

from sosie.engine import Engine, Event


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    def slow_first(task: int) -> int:
        time.sleep(0.02 if task == 0 else 0.0)
        return task * task

    assert Engine(jobs).map(slow_first, range(6)) == [task * task for task in range(6)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_is_told_in_order_and_on_the_thread_of_the_caller(jobs: int) -> None:
    heard: list[tuple[Event, int]] = []
    Engine(jobs).map(str, range(3), stage="attack", listener=lambda event: heard.append((event, threading.get_ident())))
    assert [event for event, _ in heard] == [Event("attack", done, 3) for done in range(4)]
    assert {thread for _, thread in heard} == {threading.get_ident()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_stops_the_tasks_that_have_not_begun(jobs: int) -> None:
    begun: list[int] = []

    def fail(task: int) -> None:
        begun.append(task)
        time.sleep(0.01)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        Engine(jobs).map(fail, range(100))
    assert len(begun) < 10


def test_no_task_is_no_error() -> None:
    assert Engine(2).map(str, []) == []


def test_without_a_number_there_is_one_thread_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Engine().workers >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert (Engine().workers, Engine(3).workers) == (7, 3)
