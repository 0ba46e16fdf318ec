"""Folders of runs: two runs at the same time never write into one.

A run claims its folder; a second one that wants the same name meanwhile gets a name of its own
(``name-2``). The claim is a lock of the operating system, so a run that was killed holds nothing,
and the next one of that name finds the folder free: nothing piles up.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO


class Claim:
    """A folder that is ours until ``release``, until nobody refers to this object, or our end.

    Sent to another process it is the path alone.
    """

    def __init__(self, path: Path, lock: IO[str] | None = None) -> None:
        self.path = path
        self._lock = lock

    def release(self) -> None:
        """Give the folder back; it stays as it is."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.release()

    def __reduce__(self) -> tuple:
        return Claim, (self.path,)


def lock_of(path: Path) -> Path:
    """The lock of a folder, in it."""
    return path / ".lock"


def take(path: Path) -> Claim | None:
    """Claim just this folder, None if somebody has it. It is made if it is not there."""
    path.mkdir(parents=True, exist_ok=True)
    try:
        handle = lock_of(path).open("a")
    except FileNotFoundError:  # removed between the two lines
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A lock that was removed meanwhile (``keep_newest``) is not the one others will see.
        same = os.fstat(handle.fileno()).st_ino == lock_of(path).stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        same = False
    if not same:
        handle.close()
        return None
    return Claim(path, handle)


def _first(path: Path, again: bool) -> Claim:
    for number in itertools.count(1):
        wanted = path if number == 1 else path.with_name(f"{path.name}-{number}")
        if (again or not wanted.exists()) and (found := take(wanted)) is not None:
            return found
    raise AssertionError("numbers have no end")


def claim(path: Path, again: bool = True) -> Claim:
    """``path``, or the first of ``path-2``, ``path-3``, ... that nobody has; it is empty.

    Args:
        again: take one that an earlier run left, and remove what is in it.
    """
    found = _first(path, again)
    for inside in found.path.iterdir():
        if inside.is_dir() and not inside.is_symlink():
            shutil.rmtree(inside)
        elif inside != lock_of(found.path):
            inside.unlink()
    return found


def keep_newest(folders: Sequence[Path], most: int) -> None:
    """Remove all but the last ``most`` of ``folders`` (oldest first) that nobody has."""
    for path in folders[: max(len(folders) - most, 0)]:
        if (old := take(path)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            old.release()
