"""lac_array_act_load against the buffer words of a packet."""

from __future__ import annotations

import numpy as np

from models.packets import activation_packet_of, pack_rows_of_lanes, row_words
from models.socket import ErrorCode
from tb.array.blocks.schedule import extreme, lanes
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests

ROWS, WIDTH = config().get("Rows", 16), config().get("ActWidth", 16)
DEPTH = 1 << config().get("AddrWidth", 14)
WORDS = row_words(ROWS, WIDTH)


class ActLoadBench(LoaderBench):
    """A write is (address, lanes)."""

    stream, inputs = "s_axis_act", ("count_i", "act_base_i")
    outputs, enables = ("wr_addr_o",), ("wr_en_o",)
    short_code, long_code, rounds = ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG, 12

    def writes(self, seen) -> list:
        if not seen["wr_en_o"]:
            return []
        data = int(str(self.dut.wr_data_o.value), 2)
        return [(seen["wr_addr_o"], lanes(data, WIDTH, ROWS))]

    def packet(self, count: int, base: int = 0) -> Packet:
        """Random buffer words."""
        values = extreme(self.rng, (count, ROWS), WIDTH)
        words = activation_packet_of(count, pack_rows_of_lanes(values, WIDTH))
        writes = [(base + k, row.tolist()) for k, row in enumerate(values)]
        return Packet(words, writes, {"count_i": count, "act_base_i": base})

    def small(self) -> Packet:
        return self.packet(2, 3)

    def whole(self) -> Packet:
        return self.packet(3)

    def draw(self) -> Packet:
        count = int(self.rng.integers(1, 11))
        return self.packet(count, int(self.rng.integers(0, DEPTH - count + 1)))


loader_tests(
    globals(),
    ActLoadBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: words and latency. Stimulus: 3 buffer words at base 0 and at the last base that fits.
    Check: each word at its address; a write comes one cycle after its last stream word."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.packet(3))
    assert bench.write_times == [t + 1 for t in bench.word_times[WORDS::WORDS]]
    await bench.good(bench.packet(3, DEPTH - 3))


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: 20 buffer words, no pause. Check: cycles."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.packet(20))
    assert bench.word_times[-1] - bench.word_times[0] == 20 * WORDS


@leaf_test
async def extremes(dut):
    """Goal: the shortest packet. Stimulus: one buffer word; unused upper lanes of a stream word at
    any value. Check: only lanes of the array are written."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.packet(1))
    packet = bench.packet(2)
    if ROWS * WIDTH < 64:
        packet.words[1:] |= np.uint64(((1 << (64 - ROWS * WIDTH)) - 1) << (ROWS * WIDTH))
    await bench.good(packet)


@leaf_test
async def bad_header(dut):
    """Goal: a wrong first word. Stimulus: magic; a count that is not that of the registers. Check:
    ACT_HEADER at beat 0; then exact."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = bench.packet(3).words
    wrong = words.copy()
    wrong[0] ^= np.uint64(1 << 50)
    for sent, count in ((wrong, 3), (words, 2), (words, 4)):
        await bench.refuse(sent, ErrorCode.ACT_HEADER, 0, count_i=count, act_base_i=0)
