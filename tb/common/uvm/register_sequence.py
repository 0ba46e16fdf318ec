"""Sequences of one item: register accesses, packets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyuvm import uvm_sequence

from tb.common.uvm.items import PacketItem, RegItem
from tb.common.uvm.registers import COUNTERS, Registers


class ItemSequence(uvm_sequence):
    """Sends one item to a sequencer and waits until it is done."""

    def __init__(self, item, name: str = "item"):
        super().__init__(name)
        self.item = item

    async def body(self) -> None:
        await self.start_item(self.item)
        await self.finish_item(self.item)


def registers_over(sequencer, counters: Sequence[str] = COUNTERS) -> Registers:
    """Register protocol whose accesses are items of the register agent."""

    async def write(address: int, data: int) -> int:
        item = RegItem(address, data)
        await ItemSequence(item).start(sequencer)
        assert item.response is not None, "the agent has answered"
        return item.response

    async def read(address: int) -> tuple[int, int]:
        item = RegItem(address)
        await ItemSequence(item).start(sequencer)
        assert item.data is not None, "the agent has answered"
        assert item.response is not None
        return item.data, item.response

    return Registers(write, read, counters)


async def send(sequencer, words: np.ndarray, last: bool = True, continues: bool = False) -> None:
    """Send one packet (see ``PacketItem``) and wait until its last word is taken."""
    await ItemSequence(PacketItem(words, last, continues)).start(sequencer)
