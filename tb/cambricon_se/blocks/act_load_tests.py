"""lac_cse_act_load against the rows of a packet."""

from __future__ import annotations

import numpy as np

from models.packets import activation_packet_of, pack_lanes
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests

CONFIG = config()
WINDOW, DEPTH = CONFIG.get("Window", 128), CONFIG.get("ActDepth", 1024)
PARTS = WINDOW // 4


class ActLoadBench(LoaderBench):
    """A write is (part, row, words), and the flags of the row with its last part, else None."""

    stream, inputs = "s_axis_act", ("count_i",)
    outputs, enables = ("wr_ends_o", "wr_addr_o", "wr_data_o", "wr_flags_o"), ("wr_part_o",)
    short_code, long_code, rounds = ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG, 12

    def writes(self, seen) -> list:
        part = seen["wr_part_o"]
        if not part:
            assert not seen["wr_ends_o"], "flags without a row"
            return []
        assert part & part - 1 == 0, f"{part:b} is not one bit"
        flags = seen["wr_flags_o"] if seen["wr_ends_o"] else None
        return [(part.bit_length() - 1, seen["wr_addr_o"], seen["wr_data_o"], flags)]

    def packet(self, values: np.ndarray) -> Packet:
        """Rows int64 [rows, Window]."""
        data = pack_lanes(values.ravel(), 16)
        writes = []
        for k, word in enumerate(data.tolist()):
            row, part = divmod(k, PARTS)
            flags = sum(1 << n for n, value in enumerate(values[row].tolist()) if value)
            writes.append((part, row, word, flags if part + 1 == PARTS else None))
        rows = len(values)
        return Packet(activation_packet_of(rows, data), writes, {"count_i": rows})

    def rows(self, count: int, density: float = 0.5) -> Packet:
        """Rows of neurons of which so many are not 0."""
        values = self.rng.integers(-32768, 32768, (count, WINDOW))
        ends = self.rng.choice([1, -1, -32768, 32767, 256, -256], values.shape)
        values = np.where(self.rng.random(values.shape) < 0.3, ends, values)
        return self.packet(values * (self.rng.random(values.shape) < density))

    def small(self) -> Packet:
        return self.rows(1)

    def whole(self) -> Packet:
        return self.rows(2)

    def draw(self) -> Packet:
        density = float(self.rng.choice([0.0, 0.1, 0.5, 1.0]))
        return self.rows(int(self.rng.integers(1, min(5, DEPTH) + 1)), density)


loader_tests(
    globals(),
    ActLoadBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: places, flags and latency. Stimulus: 2 rows. Check: each word in its row and part, a
    cycle after its stream word; flags with the last one."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.rows(2))
    assert bench.write_times == [t + 1 for t in bench.word_times[1:]]


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: 3 rows, no pause. Check: cycles."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    count = min(3, DEPTH)
    await bench.good(bench.rows(count))
    assert bench.word_times[-1] - bench.word_times[0] == count * PARTS


@leaf_test(cycles=200_000)
async def extremes(dut):
    """Goal: each bit of a neuron makes its flag, each flag its place; a full buffer. Stimulus: rows
    of one neuron that is not 0, of one bit each; all and none; ActDepth rows (at most 60). Check:
    every write."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    depth = min(DEPTH, 60)
    ones = np.zeros((WINDOW, WINDOW), np.int64)
    ones[np.arange(WINDOW), np.arange(WINDOW)] = 1 << np.arange(WINDOW) % 16
    ones[ones == 1 << 15] = -(1 << 15)
    for at in range(0, WINDOW, depth):
        await bench.good(bench.packet(ones[at : at + depth]))
    for density in (0.0, 1.0):
        await bench.good(bench.rows(depth, density))


@leaf_test
async def bad_header(dut):
    """Goal: a wrong first word. Stimulus: magic; a count that is not that of the registers. Check:
    ACT_HEADER at beat 0; then exact."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    packet = bench.rows(2)
    wrong = packet.words.copy()
    wrong[0] ^= np.uint64(1 << 50)
    for sent, count in ((wrong, 2), (packet.words, 1), (packet.words, 3)):
        await bench.refuse(sent, ErrorCode.ACT_HEADER, 0, count_i=count)
