"""What the block benches of SCNN share: a device beside its reference, compared in every cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Pins, rng
from tb.common.bfm.reading import text
from tb.common.bfm.streams import pause_pattern


class Lockstep:
    """Pins of a block, driven at the begin of a cycle and read at its end.

    Args:
        inputs: ports that are 0 in a cycle in which they are not given.
        outputs: ports that are read, whether all of their bits are known or not.
        pauses: names of pause patterns of the profile, for :meth:`pauses`.
    """

    def __init__(
        self, dut: Any, inputs: Sequence[str], outputs: Sequence[str], profile: str = "none"
    ):
        self.dut, self.profile = dut, profile
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)
        self.pins = Pins(dut, dut.clk_i, *self.inputs, *self.outputs)
        self.draw: np.random.Generator = rng()
        self.cycles = 0
        self.compared = 0
        self._patterns: dict[str, Any] = {}

    def paused(self, stream: str) -> bool:
        """Whether the profile says "not in this cycle" for a stream."""
        if stream not in self._patterns:
            self._patterns[stream] = pause_pattern(self.profile, stream)
        return next(self._patterns[stream])

    async def cycle(self, **values: int) -> dict[str, int]:
        """One cycle; the outputs by name. A bit that is not known is 0: compare what is valid."""
        self.pins.drive(**dict.fromkeys(self.inputs, 0) | values)
        await RisingEdge(self.dut.clk_i)
        self.cycles += 1
        return {name: self.bits(name) for name in self.outputs}

    def bits(self, name: str) -> int:
        """Value of an output, unknown bits as 0."""
        bits = text(getattr(self.pins.bus, name))
        return int("".join(bit if bit in "01" else "0" for bit in bits), 2)

    def same(self, what: str, found: Any, want: Any) -> None:
        """A comparison."""
        assert found == want, f"cycle {self.cycles}: {what} is {found}, expected {want}"
        self.compared += 1

    def number(self, below: int) -> int:
        """A random number."""
        return int(self.draw.integers(below))

    def chance(self, share: float) -> bool:
        """True so often."""
        return bool(self.draw.random() < share)


def fields(word: int, width: int, count: int) -> list[int]:
    """Fields of a word, the lowest first."""
    return [word >> width * k & (1 << width) - 1 for k in range(count)]


def signed(word: int, width: int) -> int:
    """A field as a signed number."""
    return word - (1 << width) if word >> width - 1 else word
