"""How a design keeps its weights: all in which arrays made of the same parts differ.

``Tiles`` is the compiler's side, the weights of one layer: what a tile takes in the buffer, how a
block of tiles becomes sections. ``Buffer`` is the side of the machine and of the cycle model: what
sections become in the buffer, and when the tiles in it are ready. ``WeightStore`` holds both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.packets import MAX_SIZE, MAX_TAPS, sections
from models.array.problem import Ints, Lowered, Span
from models.packets import Section
from models.registers import Field, RegisterMap


class Tables:
    """What a design loads beside weights and biases, as far as a program has come: nothing."""

    def needs(
        self, kt: Span, ct: Span, r: Span, s: Span
    ) -> tuple[Mapping[Field, int], list[Section]]:
        """What the next pass, on this block, has to say in registers of the design's own, and
        what must be loaded for it. To be asked once for each pass, in order.
        """
        return {}, []


class Tiles(ABC):
    """The weight tiles of one layer: of ``low``, for the build ``config``.

    Here one for each output tile, tap and channel tile; designs with others say how many.

    tile_words    words of the weight buffer (of each bank, if there are several) that a tile may
                  take, and ``unit``: what they are, for messages
    stream_words  words of all tiles on the stream, about
    """

    unit: ClassVar[str]
    tile_words: int
    stream_words: int

    def __init__(self, low: Lowered, config: ArrayConfig) -> None:
        self.low, self.config = low, config

    @property
    def grid(self) -> tuple[int, int]:
        """(KT, CT) of the layer."""
        filters, channels = self.low.weights.shape[:2]
        return -(-filters // self.config.cols), -(-channels // self.config.inputs)

    @property
    def most(self) -> tuple[int, int, int]:
        """The largest (KT, CT, R or S) of a pass, by registers and tables."""
        return MAX_SIZE, MAX_SIZE, MAX_TAPS

    def fits(self, r: int, s: int) -> bool:
        """Whether a pass can have any piece of ``r`` x ``s`` taps of the kernel."""
        return True

    def total(self, r: int, s: int) -> int:
        """Tiles of the layer when its taps are cut in pieces of ``r`` x ``s``."""
        taps_r, taps_s = self.low.weights.shape[2:]
        return self.grid[0] * self.grid[1] * taps_r * taps_s

    def number(self, kt: Span, ct: Span, r: Span, s: Span) -> int:
        """Tiles of a block."""
        return (kt[1] - kt[0]) * (ct[1] - ct[0]) * (r[1] - r[0]) * (s[1] - s[0])

    def block_words(self, kt: Ints, ct: Ints, r: int, s: int) -> Ints:
        """Buffer words of the largest block of so many tiles and taps; kt, ct broadcast."""
        return kt * ct * (r * s * self.tile_words)

    def tables(self) -> Tables:
        """For a program that begins."""
        return Tables()

    @abstractmethod
    def interval(self, pixels: int) -> float:
        """Mean number of cycles between two tiles of so many pixels, about."""

    @abstractmethod
    def sections(self, base: int, kt: Span, ct: Span, r: Span, s: Span) -> list[Section]:
        """The tiles of a block as sections of a weight packet, from buffer word ``base`` on."""


class Buffer(ABC):
    """A weight buffer of a build."""

    def __init__(self, config: ArrayConfig) -> None:
        self.config = config

    def sections(self, words: NDArray[np.uint64]) -> Iterator[Section]:
        """The sections of a (good) weight packet, in order."""
        return sections(words, self.config, self.section_words)

    def table_bits(self, section: Section) -> int:
        """Bits that a section of neither weights nor biases fills; here there are none."""
        raise ValueError(f"section: found kind {int(section.kind)}, need weights or biases")

    @abstractmethod
    def section_words(self, count: int) -> int:
        """Payload of a weight section of ``count`` buffer words."""

    @abstractmethod
    def load(self, section: Section) -> None:
        """Write a weight section."""

    @abstractmethod
    def tiles(self, base: int, count: int) -> Ints:
        """``count`` tiles from buffer word ``base`` on: int64 [count, Inputs, Cols]."""

    def filled(self, tiles: Ints) -> Ints:
        """How many weights of tiles int64 [KT, R, S, CT*Inputs, Cols] are not zero, by the row of
        its group that has them: int64 [rows of a group, R, S, CT*Inputs, Cols].
        """
        return np.count_nonzero(tiles, axis=0)[None]

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
