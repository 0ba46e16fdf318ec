"""Reading pins in every cycle.

cocotb makes an object of every bit that is read, which was the larger part of a bench's time. These
take the simulator's text instead: a number, or an AssertionError for a bit that is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_LEVELS = {"0": False, "1": True}


def text(handle: Any) -> str:
    """Bits of a signal, the highest first: 0, 1, X, Z."""
    return handle._handle.get_signal_val_binstr()


def number(handle: Any) -> int:
    """Unsigned value of a signal of any width; a bit that is not known is an error."""
    bits = handle._handle.get_signal_val_binstr()
    try:
        return int(bits, 2)
    except ValueError:
        raise AssertionError(f"{handle._name} is {bits.upper()}") from None


def known(handle: Any, other: int = 0) -> int:
    """Unsigned value of a signal, ``other`` where a bit is not known."""
    try:
        return number(handle)
    except AssertionError:
        return other


def level(handle: Any) -> Callable[[], bool]:
    """A function that reads a signal of one bit."""
    read = handle._handle.get_signal_val_binstr

    def high() -> bool:
        bit = read()
        if bit not in _LEVELS:
            raise AssertionError(f"{handle._name} is {bit.upper()}")
        return _LEVELS[bit]

    return high


def in_reset(monitor: Any) -> Callable[[], bool]:
    """A function that says whether a bus monitor's device is in reset."""
    if monitor._reset_n is None:
        return lambda: False
    released = level(monitor._reset_n)
    return lambda: not released()
