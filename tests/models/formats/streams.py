"""Tile streams bit by bit in plain Python: an oracle for ``words`` and a maker of faulty tiles."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

Part = tuple[int, int]  # value, width in bits


def stream(count: int, parts: Iterable[Part] = (), word_width: int = 64) -> np.ndarray:
    """Header word and payload as uint8 [words, word_width // 8]; parts in stream order."""
    payload, length = 0, 0
    for value, width in parts:
        assert 0 <= value < 1 << width
        payload |= value << length
        length += width
    words = 1 + -(-length // word_width)
    whole = count | payload << word_width
    raw = np.frombuffer(whole.to_bytes(words * word_width // 8, "little"), dtype=np.uint8)
    return raw.reshape(words, word_width // 8).copy()


def flip(words: np.ndarray, bit: int) -> np.ndarray:
    """A copy with one bit of the whole stream inverted."""
    other = words.copy()
    other.reshape(-1)[bit // 8] ^= 1 << bit % 8
    return other


def as_fault(tile) -> tuple[str, int] | None:
    """The error of a tile with the name of the fault: easier to read in a test."""
    return tile.error and (tile.error[0].name, tile.error[1])
