"""Where jobs are done: what every place has in common, and this machine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from scripts.farm import slot
from scripts.farm.slot import Answer, How

Function = Callable[..., Any]


class Place(Protocol):
    """What runs jobs.

    window: jobs that it is given at a time; lost: what a future raises whose worker is gone.
    """

    window: int
    lost: tuple[type[BaseException], ...]

    def submit(self, function: Function, job: tuple[Any, ...], how: How) -> Future[Answer]:
        """Start a job, or put it at the end of the queue."""

    def tend(self) -> str:
        """Look after the workers; what there is to say of them, mostly "".

        Raises:
            FarmError: there will be none.
        """

    def close(self) -> None:
        """End everything that runs."""


class Here:
    """In this process, one after the other."""

    window = 1
    lost: tuple[type[BaseException], ...] = ()

    def submit(self, function: Function, job: tuple[Any, ...], how: How) -> Future[Answer]:
        future: Future[Answer] = Future()
        try:
            future.set_result(Answer(function(*job)))
        except Exception as error:
            future.set_exception(error)
        return future

    def tend(self) -> str:
        return ""

    def close(self) -> None:
        pass


class Processes:
    """Slots of this machine, ``count`` at a time."""

    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, count: int) -> None:
        self.window = count + 1
        self._threads = ThreadPoolExecutor(count)

    def submit(self, function: Function, job: tuple[Any, ...], how: How) -> Future[Answer]:
        return self._threads.submit(slot.obey, slot.packed(function, job), how)

    def tend(self) -> str:
        return ""

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        slot.end_all()
