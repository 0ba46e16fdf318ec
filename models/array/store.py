"""How a design keeps its weights: all in which arrays made of the same parts differ.

``Tiles`` is the compiler's side, the weights of one layer: what a tile takes in the buffer, how a
block of tiles becomes sections. ``Buffer`` is the side of the machine and of the cycle model: what
sections become in the buffer, and when the tiles in it are ready. ``WeightStore`` holds both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.problem import Ints, Lowered, Span
from models.packets import Section
from models.registers import RegisterMap


class Tiles(ABC):
    """The weight tiles of one layer.

    tile_words    words of the weight buffer (of each bank, if there are several) that a tile may
                  take, and ``unit``: what they are, for messages
    stream_words  words of all tiles on the stream, about
    """

    unit: ClassVar[str]
    tile_words: int
    stream_words: int

    @abstractmethod
    def interval(self, pixels: int) -> float:
        """Mean number of cycles between two tiles of so many pixels, about."""

    @abstractmethod
    def sections(self, base: int, kt: Span, ct: Span, r: Span, s: Span) -> list[Section]:
        """The tiles of a block as sections of a weight packet, from buffer word ``base`` on."""


class Buffer(ABC):
    """A weight buffer."""

    @abstractmethod
    def section_words(self, count: int) -> int:
        """Payload of a weight section of ``count`` buffer words."""

    @abstractmethod
    def load(self, section: Section) -> None:
        """Write a weight section."""

    @abstractmethod
    def tiles(self, base: int, count: int) -> Ints:
        """``count`` tiles from buffer word ``base`` on: int64 [count, Rows, Cols]."""

    @abstractmethod
    def reads(self, base: int, count: int) -> int:
        """Buffer words that are read for these tiles."""

    @abstractmethod
    def last_start(self, base: int, count: int, pixels: int) -> int:
        """Cycle of the compute phase in which the last of these tiles starts."""


@dataclass(frozen=True)
class WeightStore:
    """A design around the array: its name in programs, its registers, how it keeps its weights."""

    name: str
    registers: RegisterMap
    tiles: Callable[[Lowered, ArrayConfig], Tiles]
    buffer: Callable[[ArrayConfig], Buffer]


def written(memory: NDArray[Any], base: int, rows: NDArray[Any]) -> NDArray[Any]:
    """``memory`` with ``rows`` from word ``base`` on, grown when it has to."""
    missing = base + rows.shape[0] - memory.shape[0]
    if missing > 0:
        memory = np.pad(memory, ((0, missing), *((0, 0),) * (memory.ndim - 1)))
    memory[base : base + rows.shape[0]] = rows
    return memory
