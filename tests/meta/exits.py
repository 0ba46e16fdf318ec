"""The exit status of a command line, however it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def status(main: Callable[..., int], *arguments: Any) -> int:
    """What ``main`` returns, or the status with which it ends the program."""
    try:
        return main(*arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1  # as Python does
