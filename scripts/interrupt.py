"""Ctrl-C: the one mechanism behind every program that takes long. Standard library only.

``entry(main)`` splits the program in two. The work is done by a child in a session of its own, so
that neither it nor its workers, compilers and simulators see the Ctrl-C of a terminal. The parent
waits. On SIGINT, SIGTERM or SIGHUP it kills everything below it, whatever session or process group
that has moved to, says one line, and ends with 128 + the signal's number (130 for Ctrl-C).

Nothing that is killed can tidy up. Whoever leaves something behind writes it whole (a part, then a
rename), as soon as it is there; what it leaves unfinished is found by a missing mark or a lock
that nobody holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from models import places
from scripts import options
from scripts.farm.settings import FarmError, JobError

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_WATCHED = {*STOPS, signal.SIGCHLD, signal.SIGTSTP}
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PATIENCE = 10.0  # seconds that killed processes may take to go; one in a system call takes longer

_TAKEN_BACK = 20.0  # seconds that the command of ``leave`` may take

Function = TypeVar("Function", bound=Callable[..., object])

_notes = -1  # a file that parent and child share
_left = -1  # another


def note(text: str) -> None:
    """What the line shall say if the work is interrupted from here on; no effect without entry."""
    if _notes >= 0:
        # One write at the start of the file: the parent may read it at any time.
        os.pwrite(_notes, text.encode() + b"\0", 0)


def leave(command: Sequence[str]) -> None:
    """What takes back what the work has outside of this machine, jobs of a cluster; [] for nothing.

    It is run when the work is interrupted, since that cannot tidy up; no effect without entry.
    """
    if _left >= 0:
        os.pwrite(_left, "\n".join(command).encode() + b"\0", 0)


def entry(
    main: Callable[[], int],
    finish: Callable[[str], str] = lambda text: text,
    grace: float = 0.0,
) -> NoReturn:
    """Run ``main`` as the program, and end with its status. Call it before threads are started.

    Args:
        finish: called in the parent after an interrupt, when all else has ended, with the last
            ``note`` of the work; what it returns follows the word "interrupted".
        grace: seconds that the work gets to end by itself after a SIGINT of its own.
    """
    global _notes, _left
    _notes, _left = os.memfd_create("note"), os.memfd_create("left")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    _prctl(_PR_SET_CHILD_SUBREAPER)  # orphans come to us, so nothing gets out of sight
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # A signal that our caller has us ignore (nohup, a job in the background) stays ignored.
    watched = {one for one in _WATCHED if signal.getsignal(one) != signal.SIG_IGN}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    main, finish = _named(main), _named(finish)
    parent = os.getpid()
    worker = os.fork()
    if worker == 0:
        os.setsid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # What came before the session was our own went to the parent too, which deals with it.
        while signal.sigtimedwait(watched, 0):
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if os.getppid() != parent:
            os._exit(1)
        sys.exit(_guarded(main))
    stop, status = _wait(worker, watched)
    if stop is None:
        _end_all()
        _take_back()
        _exit(status)
    if grace:
        _soft_end(worker, grace, watched)
    _end_all()
    _take_back()
    if sys.stderr.isatty():
        sys.stderr.write("\033[?25h\n")  # a progress bar hides the cursor, and stands on this line
    text = _finished(finish)
    print(f"interrupted: {text}" if text else "interrupted", file=sys.stderr, flush=True)
    _exit(128 + stop)


def _named(function: Function) -> Function:
    """A function of the program as others import it: what it sends to other processes, another
    machine's as well, must not be of a module ``__main__``, which there is something else.
    """
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is None or function.__module__ != "__main__" or __name__ == "__main__":
        return function
    return getattr(importlib.import_module(spec.name), function.__name__, function)


def _guarded(main: Callable[[], int]) -> int:
    """``main``, after a look at the place where it writes; a fault of the disk in one line."""
    try:
        places.check_build_root()
        return main()
    except (places.PlaceError, FarmError) as error:
        options.refuse(error)
    except JobError as error:
        print(f"failed: {options.one_line(error)}", file=sys.stderr)
        return 1
    except OSError as error:
        if not (problem := places.disk_problem(error)):
            raise
        options.refuse(f"{error.filename or places.build_root()}: {problem}")


def descendants(root: int) -> dict[int, str]:
    """Every process below ``root`` that has not ended: number -> state, as in ``/proc``."""
    children: dict[int, list[int]] = {}
    states = {}
    for path in Path("/proc").iterdir():
        if not path.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            # The name may hold blanks and brackets; it ends at the last one.
            state, above = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            states[int(path.name)] = state
            children.setdefault(int(above), []).append(int(path.name))
    found, todo = {}, [root]
    while todo:
        for one in children.get(todo.pop(), []):
            todo.append(one)
            if states[one] not in "ZX":
                found[one] = states[one]
    return found


def _wait(worker: int, watched: set[signal.Signals]) -> tuple[int | None, int]:
    """(signal that stops us, or None; exit status of the worker, if it ended by itself)."""
    while True:
        found = signal.sigwaitinfo(watched).si_signo
        if found == signal.SIGCHLD:
            ended = _reap()
            if worker in ended:
                return None, ended[worker]
        elif found == signal.SIGTSTP:
            _signal_all(signal.SIGSTOP)
            os.kill(os.getpid(), signal.SIGSTOP)
            _signal_all(signal.SIGCONT)
        else:
            return found, 0


def _soft_end(worker: int, grace: float, watched: set[signal.Signals]) -> None:
    """Ask the worker to end, then end its children, for which it may wait.

    A second signal ends the patience.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGINT)
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < grace:
        if passed > grace / 4:
            _signal_all(signal.SIGKILL, but=worker)
        found = signal.sigtimedwait(watched, grace / 20)
        if found and (found.si_signo in STOPS or worker in _reap()):
            return


def _end_all() -> None:
    """Kill all that is below this process, and what that starts meanwhile, until nothing is left.

    The children of a killed process become ours, so the next round finds them.
    """
    end = time.monotonic() + _PATIENCE
    while _signal_all(signal.SIGKILL) and time.monotonic() < end:
        _reap()
        time.sleep(0.005)
    _reap()


def _signal_all(number: signal.Signals, but: int = 0) -> bool:
    """Send a signal to everything below; whether there is anything."""
    found = [one for one in descendants(os.getpid()) if one != but]
    for one in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, number)
    return bool(found)


def _reap() -> dict[int, int]:
    """Exit statuses of all children that have ended."""
    ended = {}
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(found[1])
            ended[found[0]] = 128 - code if code < 0 else code
    return ended


def _take_back() -> None:
    """Run the command that the work left, if it left one."""
    words = _shared(_left).splitlines()
    if not words:
        return
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(words, capture_output=True, check=False, timeout=_TAKEN_BACK)


def _shared(file: int) -> str:
    """The text in a file that parent and child share."""
    return os.pread(file, 1 << 20, 0).partition(b"\0")[0].decode()


def _finished(finish: Callable[[str], str]) -> str:
    text = _shared(_notes)
    try:
        return finish(text)
    except Exception as error:  # the line and the exit status matter more
        return f"{text} ({error})"


def _exit(status: int) -> NoReturn:
    """End without what the work registered for the end of the program: it is not ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _prctl(option: int, value: int = 1) -> None:
    """Linux only, as /proc is; elsewhere orphans go to init and are not found."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, int(value), 0, 0, 0)


def pytest_main() -> int:
    """``python -m scripts.interrupt ...``: pytest, which gets a moment for its summary."""
    import pytest

    return int(pytest.main())


if __name__ == "__main__":
    # pytest does what it is asked to by a KeyboardInterrupt; its workers end when it does.
    entry(pytest_main, grace=1.5)
