"""What the pipelines of ``rtl/common`` compute: one class per module, for the one bench of all.

A flow is fed what went in, beat by beat, and says what comes out of it. Beats are ints for a stream
with one payload field, else tuples in the order of the fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from models.fixed import requant

Beat = Any
Rng = np.random.Generator


def joined(items: Sequence[int], width: int) -> int:
    """Items of ``width`` bits side by side, item 0 lowest; negative ones as two's complement."""
    mask = (1 << width) - 1
    return sum((int(item) & mask) << i * width for i, item in enumerate(items))


def words(draw: Rng, count: int, width: int) -> list[int]:
    """Random words of any width."""
    mask = (1 << width) - 1
    return [int.from_bytes(draw.bytes(-(-width // 8)), "little") & mask for _ in range(count)]


def signed(draw: Rng, count: int, width: int) -> list[int]:
    """Random signed words, of every magnitude; the rails among them."""
    found = [w - (1 << width) if w >> (width - 1) else w for w in words(draw, count, width)]
    found = [w >> int(s) for w, s in zip(found, draw.integers(0, width, count), strict=True)]
    rails = (-(1 << width - 1), (1 << width - 1) - 1)
    return [
        rails[int(d * 16)] if d < 1 / 8 else w
        for w, d in zip(found, draw.random(count), strict=True)
    ]


class Flow:
    """A pipeline: its streams, its configuration, its function.

    Attributes:
        fields_in, fields_out: payload signals of ``in_*`` and ``out_*``.
        latency: cycles from the beat that completes a result to the result.
        capacity: beats that fit while the output waits.
        settings: configuration pins and their values, which stay while beats are on their way.
    """

    fields_in: ClassVar[tuple[str, ...]] = ("data",)
    fields_out: ClassVar[tuple[str, ...]] = ("data",)
    latency: int
    capacity: int

    def __init__(self, parameters: Mapping[str, int]):
        self.settings: dict[str, int] = {}

    def choose(self, draw: Rng) -> None:
        """Other settings."""

    def corners(self) -> list[Beat]:
        """Beats that every test of extremes sends."""
        raise NotImplementedError

    def beats(self, draw: Rng, count: int) -> list[Beat]:
        """Random beats."""
        raise NotImplementedError

    def feed(self, beat: Beat) -> list[Beat]:
        """What comes out because of a beat."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget what was fed."""


class Tree(Flow):
    """lac_tree: the sum of the numbers whose mask bit is set."""

    fields_in = ("mask", "data")

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.num = parameters.get("NumIn", 16)
        self.width = parameters.get("InWidth", 32)
        self.latency = self.capacity = parameters.get("Stages", 2)
        self.sum_width = self.width + (self.num - 1).bit_length()

    def corners(self) -> list[Beat]:
        """All and none, each alone, both rails: the sums that need every bit."""
        low, high, ones = -(1 << self.width - 1), (1 << self.width - 1) - 1, (1 << self.num) - 1
        data = [joined([rail] * self.num, self.width) for rail in (low, high, -1)]
        alone = [(1 << i, one) for i in range(self.num) for one in data[:2]]
        return [*((mask, one) for mask in (ones, 0) for one in data), *alone]

    def beats(self, draw: Rng, count: int) -> list[Beat]:
        """Masks of every density."""
        found = []
        for density in draw.random(count):
            mask = joined((draw.random(self.num) < density).tolist(), 1)
            found.append((mask, joined(signed(draw, self.num, self.width), self.width)))
        return found

    def feed(self, beat: Beat) -> list[Beat]:
        """Exact: Python's integers."""
        mask, data = beat
        numbers = [data >> i * self.width & (1 << self.width) - 1 for i in range(self.num)]
        sign = 1 << self.width - 1
        total = sum((n ^ sign) - sign for i, n in enumerate(numbers) if mask >> i & 1)
        return [total & (1 << self.sum_width) - 1]


class CompactPipe(Flow):
    """lac_compact_pipe: the kept slots, from lane 0 on."""

    fields_in = ("keep", "data")
    fields_out = ("keep", "data", "index")

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.num = parameters.get("NumIn", 32)
        self.lanes = parameters.get("NumOut", 8)
        self.width = parameters.get("Width", 16)
        self.latency = self.capacity = parameters.get("Stages", 2)
        self.index = (self.num - 1).bit_length()
        self._draw = np.random.default_rng(self.num)

    def _beat(self, keep: np.ndarray) -> Beat:
        return joined(keep.tolist(), 1), joined(words(self._draw, self.num, self.width), self.width)

    def corners(self) -> list[Beat]:
        """None, all; each slot alone, all but it, all from it on: every way an element can go."""
        slots = np.arange(self.num)
        kept = [slots < 0, slots >= 0]
        kept += [one for s in range(self.num) for one in (slots == s, slots != s, slots >= s)]
        return [self._beat(keep) for keep in kept]

    def beats(self, draw: Rng, count: int) -> list[Beat]:
        """Vectors of every density."""
        return [self._beat(draw.random(self.num) < density) for density in draw.random(count)]

    def feed(self, beat: Beat) -> list[Beat]:
        """Boolean indexing."""
        keep, data = beat
        used = [i for i in range(self.num) if keep >> i & 1][: self.lanes]
        items = [data >> i * self.width & (1 << self.width) - 1 for i in used]
        return [((1 << len(used)) - 1, joined(items, self.width), joined(used, self.index))]


class Post(Flow):
    """lac_post: ``models.fixed.requant``, then the maximum of a window."""

    fields_in = ("data", "last")
    fields_out = ("data", "last")
    latency = capacity = 2

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.acc = parameters.get("AccWidth", 40)
        self.out = parameters.get("OutWidth", 16)
        self.most = (1 << parameters.get("PoolWidth", 4)) - 1
        self.settings = {"shift_i": 1, "relu_i": 1, "pool_i": 1}
        self._window: list[int] = []

    def choose(self, draw: Rng) -> None:
        """Any shift; windows of 1, 2, the longest."""
        self.settings = {
            "shift_i": int(draw.integers(self.acc)),
            "relu_i": int(draw.integers(2)),
            "pool_i": min(int(draw.choice([1, 2, 4, self.most])), self.most),
        }

    def corners(self) -> list[Beat]:
        """Around zero, ties, rails of the result and of the sum; windows cut after each length."""
        half, rail = 1 << self.settings["shift_i"] >> 1, 1 << self.out - 1
        centers = [0, half, rail << self.settings["shift_i"], (1 << self.acc - 1) - 1]
        sums = [sign * (c + d) for c in centers for d in (-1, 0, 1) for sign in (1, -1)]
        mask = (1 << self.acc) - 1
        whole = [s for s in sums if -(1 << self.acc - 1) <= s < 1 << self.acc - 1]
        falling = [
            (-i & mask, last) for n in range(1, 5) for i in range(n) for last in [i == n - 1]
        ]
        return [*((s & mask, 0) for s in whole), *falling]

    def beats(self, draw: Rng, count: int) -> list[Beat]:
        """Sums of every magnitude; one in 16 is the last of its window."""
        sums = signed(draw, count, self.acc)
        cut = draw.random(count) < 1 / 16
        return [(s & (1 << self.acc) - 1, int(c)) for s, c in zip(sums, cut, strict=True)]

    def feed(self, beat: Beat) -> list[Beat]:
        """A result where the window ends."""
        data, last = beat
        sign = 1 << self.acc - 1
        one = requant(
            (data ^ sign) - sign, self.settings["shift_i"], self.out, bool(self.settings["relu_i"])
        )
        self._window.append(int(one))
        if not last and len(self._window) < self.settings["pool_i"]:
            return []
        most = max(self._window) & (1 << self.out) - 1
        self.clear()
        return [(most, last)]

    def clear(self) -> None:
        """The window begins again."""
        self._window = []


FLOWS: dict[str, type[Flow]] = {
    "lac_tree": Tree,
    "lac_compact_pipe": CompactPipe,
    "lac_post": Post,
}
