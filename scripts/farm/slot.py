"""Where one job at a time runs: a process that is ours to end, with all that it started.

The same on this machine and on a cluster's node. A thread of the program that hands out jobs, or of
a Dask worker, has one slot; the process in it is started once and does job after job. It is ended
when a job takes longer or more memory than allowed, and is replaced when it was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.places import ROOT
from scripts import kept
from scripts.farm.settings import FarmError, Limits
from scripts.interrupt import descendants

_MARK = "LAC_SLOT"
_PR_SET_PDEATHSIG = 1
_LOOK = 0.5  # seconds between two looks at the memory of a job
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class How:
    """How jobs are run.

    environ: variables that differ from the worker's own; sources: what they must be run on, as
    ``kept.sources()`` says, "" if they do not leave this machine.
    """

    limits: Limits = field(default_factory=Limits)
    environ: Mapping[str, str] = field(default_factory=dict)
    sources: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of a job: a value, or why there is none.

    lost: the process was killed by somebody else, so that another try may go well; over: a limit.
    """

    value: Any = None
    lost: str = ""
    over: str = ""
    host: str = ""


def packed(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """A job, so that it can be sent on without a look into it."""
    return pickle.dumps((function, arguments))


def obey(payload: bytes, how: How) -> Answer:
    """Run a packed job in the slot of this thread; raises what the function raises."""
    if how.sources and how.sources != kept.sources():
        raise FarmError(
            f"farm: {ROOT} on {socket.gethostname()} has other sources than this machine, or "
            "another Python; update it there, and start its workers again"
        )
    mine: Slot | None = getattr(_thread, "slot", None)
    if mine is None or mine.ended or mine.environ != how.environ:
        if mine is not None:
            mine.end()
        try:
            mine = _thread.slot = Slot(how.environ)
        except BrokenProcessPool:
            return Answer(lost="no process could be started", host=socket.gethostname())
    return mine.perform(payload, how.limits)


def end_all() -> None:
    """End every slot of this process, with the jobs in them."""
    for one in list(_slots):
        one.end()


class Slot:
    """A process for jobs; ``process`` is its number."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.ended = False
        self._mark = uuid.uuid4().hex
        # Workers share the cores by processes, not by threads inside numpy, which looks when it
        # is loaded, thus before ``_begin``.
        os.environ.update(_ONE_THREAD)
        told = {**_ONE_THREAD, **environ, _MARK: self._mark}
        # Spawned, not forked: a progress bar draws from a thread of ours.
        self._pool = ProcessPoolExecutor(1, get_context("spawn"), _begin, (told, os.getpid()))
        _slots.add(self)
        try:
            self.process = self._pool.submit(os.getpid).result()
        except BrokenProcessPool:
            self.end()
            raise

    def perform(self, payload: bytes, limits: Limits) -> Answer:
        """Run a job to its end or its limit; raises what the function raises."""
        host = socket.gethostname()
        try:
            future = self._pool.submit(_perform, payload)
            if over := self._wait(future, limits):
                self.end()
                return Answer(over=over, host=host)
            return Answer(future.result(), host=host)
        except (BrokenProcessPool, CancelledError):
            self.end()
            return Answer(lost="its process was killed", host=host)
        except RuntimeError:
            if not self.ended:
                raise
            return Answer(lost="its slot was ended", host=host)

    def _wait(self, future: Future[Any], limits: Limits) -> str:
        """Wait for the end; "", or the limit that was met."""
        end = None if limits.seconds is None else time.monotonic() + limits.seconds
        while True:
            left = None if end is None else max(end - time.monotonic(), 0.0)
            look = None if limits.memory is None else _LOOK
            waits = [one for one in (left, look) if one is not None]
            try:
                future.exception(min(waits) if waits else None)
            except NotYet:
                pass
            else:
                return ""
            if limits.memory is not None and (used := memory_of(self.process)) > limits.memory:
                return f"took {used >> 20:,} MB of memory, allowed {limits.memory >> 20:,}"
            if end is not None and time.monotonic() >= end:
                return f"took longer than {limits.seconds:g} s"

    def end(self) -> None:
        """End the process and what it started, though that may have left it."""
        self.ended = True
        _slots.discard(self)
        if hasattr(self, "process"):
            for one in [*descendants(self.process), self.process, *marked(self._mark)]:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(one, signal.SIGKILL)
        self._pool.shutdown(wait=False, cancel_futures=True)


_thread = threading.local()
_slots: set[Slot] = set()


def marked(mark: str) -> list[int]:
    """Processes that a slot started, whoever their parent is by now."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            with contextlib.suppress(OSError):
                if f"{_MARK}={mark}".encode() in (path / "environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
    return found


def memory_of(process: int) -> int:
    """Bytes in memory of a process and all below it; shared pages count for each."""
    pages = 0
    for one in (process, *descendants(process)):
        with contextlib.suppress(OSError, IndexError, ValueError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _begin(environ: Mapping[str, str], parent: int) -> None:
    """First of all in the new process: it ends when its slot's owner does."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    os.environ.update(environ)


def _perform(payload: bytes) -> Any:
    function, arguments = pickle.loads(payload)
    return function(*arguments)
