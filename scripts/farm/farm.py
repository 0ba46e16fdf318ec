"""One way for all jobs: ``with opened(...) as farm: for ended in farm.each(function, jobs)``.

A job is a function of a module and its arguments; it must be the same whenever it runs, since it
runs again when its worker is lost, and write nothing that somebody else reads. What it returns
comes back here, and is written here, once.
"""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.markup import escape

from scripts import kept
from scripts.console import Console
from scripts.farm.place import Here, Place, Processes
from scripts.farm.settings import OUTSIDE, FarmError, JobError, Setting
from scripts.farm.slot import Answer, How

T = TypeVar("T")
_TEND = 1.0  # seconds between two looks after the workers


@dataclass(frozen=True)
class Ended(Generic[T]):
    """A job that has ended.

    value: what the function returned, None if there is no value; problem: why, "" if there is
    one; tries: how often it ran; host: where it ended.
    """

    job: tuple[Any, ...]
    value: T | None
    problem: str = ""
    tries: int = 1
    host: str = ""

    @property
    def result(self) -> T:
        """The value; JobError with the problem if there is none."""
        if self.problem:
            raise JobError(self.problem)
        return self.value  # type: ignore[return-value]


@dataclass
class _Try:
    job: tuple[Any, ...]
    count: int = 1


class Farm:
    """Hands out jobs and collects what they return."""

    def __init__(self, place: Place, setting: Setting, console: Console) -> None:
        self.setting = setting
        self._place, self._console = place, console
        environ = {}
        if setting.word not in ("local", "dask"):
            folder = os.environ.get("LAC_BUILD", "") if setting.shared else setting.cluster.build
            environ = {"LAC_BUILD": folder} if folder else {}
        sources = kept.sources() if setting.dask else ""
        self._how = How(setting.job, environ, sources)

    def each(
        self,
        function: Callable[..., T],
        jobs: Iterable[tuple[Any, ...]],
        name: Callable[..., str] = lambda *job: " ".join(map(str, job)),
    ) -> Iterator[Ended[T]]:
        """Run ``function(*job)`` for each job; they come back in the order in which they end.

        Args:
            jobs: taken a few at a time, so there may be millions.
            name: of a job, for people.

        Raises:
            Exception: what the function raises, the first time that it does.
            FarmError: the workers are not fit for any job.
        """
        todo = iter(jobs)
        ended: queue.SimpleQueue[Future[Answer]] = queue.SimpleQueue()
        running: dict[Future[Answer], _Try] = {}
        tended = time.monotonic()

        def start(one: _Try) -> None:
            future = self._place.submit(function, one.job, self._how)
            running[future] = one
            future.add_done_callback(ended.put)

        try:
            while True:
                while len(running) < self._place.window and (job := next(todo, None)) is not None:
                    start(_Try(job))
                if not running:
                    return
                if time.monotonic() - tended >= _TEND:
                    self._say(self._place.tend())
                    tended = time.monotonic()
                try:
                    future = ended.get(timeout=_TEND)
                except queue.Empty:
                    continue
                one, answer = running.pop(future), self._answer(future)
                if answer.lost and one.count <= self.setting.job.retries:
                    most = self.setting.job.retries + 1
                    one.count += 1
                    self._say(f"again: {name(*one.job)}: {answer.lost}, try {one.count} of {most}")
                    start(one)
                    continue
                yield Ended(one.job, answer.value, _problem(answer, one), one.count, answer.host)
        finally:
            for future in running:
                future.cancel()

    def _answer(self, future: Future[Answer]) -> Answer:
        lost: tuple[type[BaseException], ...] = (CancelledError, *self._place.lost)
        try:
            return future.result()
        except lost as error:
            return Answer(lost=f"its worker was lost ({type(error).__name__})")
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "scripts":
                raise
            raise FarmError(f"farm: {OUTSIDE}") from None

    def _say(self, text: str) -> None:
        if text:
            self._console.print(f"[yellow]farm:[/] {escape(text)}")


def _problem(answer: Answer, one: _Try) -> str:
    where = f" on {answer.host}" if answer.host else ""
    if answer.over:
        return f"ended by its limit{where}: {answer.over}"
    if answer.lost:
        times = "once" if one.count == 1 else f"{one.count} times"
        return f"lost {times}, the last time{where}: {answer.lost}"
    return ""


@contextlib.contextmanager
def opened(setting: Setting, jobs: int, console: Console, here: bool = False) -> Iterator[Farm]:
    """A farm while it is needed.

    Args:
        jobs: at a time, on this machine.
        here: work in this process if that is one job at a time, without limits.

    Raises:
        FarmError: the cluster cannot be asked, or refuses.
    """
    place: Place
    if setting.dask:
        from scripts.farm import cluster  # not installed with the rest

        place = cluster.opened(setting, jobs)
    else:
        limited = setting.job.seconds is not None or setting.job.memory is not None
        place = Here() if here and jobs == 1 and not limited else Processes(jobs)
    try:
        yield Farm(place, setting, console)
    finally:
        place.close()
