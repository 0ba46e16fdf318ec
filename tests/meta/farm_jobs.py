"""Jobs for the tests of the farm, in a module that their workers can import."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path


def double(value: int) -> int:
    return 2 * value


def fails(text: str) -> None:
    raise ValueError(text)


def killed(mark: Path, times: int) -> str:
    """Killed by the operating system the first ``times`` times; how often it ran, at last."""
    with mark.open("a") as file:
        file.write("x")
    ran = mark.stat().st_size
    if ran <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return "x" * ran


def killed_with_child(mark: Path) -> int:
    """Starts a child that outlives it, and is killed; on the second try the child's number."""
    if mark.is_file():
        return int(mark.read_text())
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    mark.write_text(str(child.pid))
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def sleeps(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def takes(megabytes: int) -> int:
    held = bytearray(megabytes << 20)
    held[::4096] = b"x" * len(held[::4096])
    time.sleep(30)
    return len(held)


def build_folder() -> str:
    return os.environ.get("LAC_BUILD", "")
