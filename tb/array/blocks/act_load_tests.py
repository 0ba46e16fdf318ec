"""lac_array_act_load against the buffer words of a packet."""

from __future__ import annotations

import numpy as np

from models.packets import activation_packet_of, pack_rows_of_lanes, row_words
from models.socket import ErrorCode
from tb.array.blocks.loader_parts import WAYS, LoaderBench
from tb.array.blocks.schedule import extreme, lanes
from tb.common.bfm.block import bring_up, config, for_profiles, leaf_test

ROWS, WIDTH = config().get("Rows", 16), config().get("ActWidth", 16)
DEPTH = 1 << config().get("AddrWidth", 14)
WORDS = row_words(ROWS, WIDTH)


class ActLoadBench(LoaderBench):
    """A write is (address, lanes)."""

    def __init__(self, dut, pause: str = "none"):
        outputs = ("wr_en_o", "wr_addr_o")
        super().__init__(dut, "s_axis_act", ("count_i", "act_base_i"), outputs, pause)

    def writes(self, seen) -> list:
        if not seen["wr_en_o"]:
            return []
        data = int(str(self.dut.wr_data_o.value), 2)
        return [(seen["wr_addr_o"], lanes(data, WIDTH, ROWS))]

    def values(self, count: int) -> np.ndarray:
        """Random buffer words."""
        return extreme(self.rng, (count, ROWS), WIDTH)

    def packet(self, values: np.ndarray) -> np.ndarray:
        """Their packet."""
        return activation_packet_of(len(values), pack_rows_of_lanes(values, WIDTH))

    async def load(self, values: np.ndarray, base: int = 0) -> None:
        """A good packet."""
        writes = [(base + k, row.tolist()) for k, row in enumerate(values)]
        await self.good(self.packet(values), writes, count_i=len(values), act_base_i=base)

    async def refuse(self, words, count: int, code: ErrorCode, position: int) -> None:
        """A bad packet, then a good one."""
        await self.bad(words, code, position, count_i=count, act_base_i=0)
        await self.load(self.values(2))


@leaf_test
async def smoke(dut):
    """Goal: words and latency. Stimulus: 3 buffer words at base 0 and at the last base that fits.
    Check: each word at its address; a write comes one cycle after its last stream word."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.load(bench.values(3))
    assert bench.write_times == [t + 1 for t in bench.word_times[WORDS::WORDS]]
    await bench.load(bench.values(3), base=DEPTH - 3)


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: 20 buffer words, no pause. Check: cycles."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.load(bench.values(20))
    assert bench.word_times[-1] - bench.word_times[0] == 20 * WORDS


@leaf_test
async def extremes(dut):
    """Goal: the shortest packet. Stimulus: one buffer word; unused upper lanes of a stream word at
    any value. Check: only lanes of the array are written."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.load(bench.values(1))
    values = bench.values(2)
    words = bench.packet(values)
    if ROWS * WIDTH < 64:
        words[1:] |= np.uint64(((1 << (64 - ROWS * WIDTH)) - 1) << (ROWS * WIDTH))
    writes = [(k, row.tolist()) for k, row in enumerate(values)]
    await bench.good(words, writes, count_i=2, act_base_i=0)


@leaf_test
async def reset_mid(dut):
    """Goal: a packet cut off within a buffer word. Stimulus: each way after every stream word of
    one. Check: not busy; the next packet is exact."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    for way in WAYS:
        for sent in range(1, WORDS + 2):
            bench.compare = False
            await bench.start(count_i=4, act_base_i=1)
            bench.queue(bench.packet(bench.values(4))[:sent], last=False)
            await bench.driver.drain()
            await bench.cut(way)
            await bench.load(bench.values(2), base=3)


@leaf_test
async def bad_header(dut):
    """Goal: a wrong first word. Stimulus: magic; a count that is not that of the registers. Check:
    ACT_HEADER at beat 0; then exact."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = bench.packet(bench.values(3))
    wrong = words.copy()
    wrong[0] ^= np.uint64(1 << 50)
    await bench.refuse(wrong, 3, ErrorCode.ACT_HEADER, 0)
    for count in (2, 4):
        await bench.refuse(words, count, ErrorCode.ACT_HEADER, 0)


@leaf_test
async def bad_length(dut):
    """Goal: tlast at the wrong place. Stimulus: at each beat before the end; 1 and 9 words too
    many. Check: ACT_SHORT, ACT_LONG at the beat; then exact."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = bench.packet(bench.values(3))
    for size in range(1, words.size):
        await bench.refuse(words[:size], 3, ErrorCode.ACT_SHORT, size - 1)
    for more in (1, 9):
        longer = np.append(words, np.zeros(more, dtype=np.uint64))
        await bench.refuse(longer, 3, ErrorCode.ACT_LONG, words.size - 1)


@leaf_test
async def directed_clear_after_start(dut):
    """Goal: a clear right after a start. Stimulus: a clear 0, 1, 2, ... cycles after it, without a
    packet and with one waiting. Check: idle without one, no end, no error; then a good packet."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = bench.packet(bench.values(4))
    await bench.clear_after_start(words, lambda: bench.load(bench.values(2)), count_i=4)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any packets under any pauses. Stimulus: 12 good ones of up to 10 buffer words at random
    bases. Check: every write."""
    await bring_up(dut)
    bench = ActLoadBench(dut, profile)
    for _ in range(12):
        count = int(bench.rng.integers(1, 11))
        await bench.load(bench.values(count), int(bench.rng.integers(0, DEPTH - count + 1)))
