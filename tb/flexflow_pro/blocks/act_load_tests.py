"""lac_ffp_act_load against the cells of a packet."""

from __future__ import annotations

import numpy as np

from models.packets import activation_packet_of, pack_lanes
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests

CONFIG = config()
COLS, WORD = CONFIG.get("Cols", 16), CONFIG.get("MaskWord", 16)
DEPTH = CONFIG.get("ActDepth", 512)
PARTS = WORD // 4
#: Activations where a mask bit changes.
LOWEST, HIGHEST = -32768, 32767


class ActLoadBench(LoaderBench):
    """A write is (column, part, cell, words, mask)."""

    stream, inputs = "s_axis_act", ("count_i", "col_cells_i", "threshold_i")
    outputs, enables = ("wr_part_o", "wr_addr_o", "wr_data_o", "wr_mask_o"), ("wr_col_o",)
    short_code, long_code, rounds = ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG, 12

    def writes(self, seen) -> list:
        if not seen["wr_col_o"]:
            return []
        col, part = seen["wr_col_o"], seen["wr_part_o"]
        assert col & col - 1 == 0 and part & part - 1 == 0 and part
        places = (col.bit_length() - 1, part.bit_length() - 1, seen["wr_addr_o"])
        return [(*places, seen["wr_data_o"], seen["wr_mask_o"])]

    def packet(self, cells: int, threshold: int, values=None) -> Packet:
        """Cells of every column, of values near the threshold and anywhere."""
        if values is None:
            values = self.rng.integers(LOWEST, HIGHEST + 1, (COLS, cells, WORD))
            near = np.array([0, 1, -1, LOWEST, HIGHEST, *(s * (threshold + d) for s in (1, -1)
                             for d in (-1, 0, 1))]).clip(LOWEST, HIGHEST)  # fmt: skip
            pick = self.rng.random(values.shape) < 0.6
            values = np.where(pick, self.rng.choice(near, values.shape), values)
        data = pack_lanes(values.ravel(), 16)
        live = np.abs(values.reshape(-1, 4)) > threshold
        masks = (live * [1, 2, 4, 8]).sum(axis=1)
        writes = [
            (col, part, cell, int(data[k]), int(masks[k]))
            for k, (col, cell, part) in enumerate(np.ndindex(COLS, cells, PARTS))
        ]
        inputs = {"count_i": COLS * cells, "col_cells_i": cells, "threshold_i": threshold}
        return Packet(activation_packet_of(COLS * cells, data), writes, inputs)

    def small(self) -> Packet:
        return self.packet(1, 3)

    def whole(self) -> Packet:
        return self.packet(1, 0)

    def draw(self) -> Packet:
        threshold = int(self.rng.choice([0, 1, 7, 500, 32767, 32768, 65535]))
        return self.packet(int(self.rng.integers(1, min(5, DEPTH + 1))), threshold)


loader_tests(
    globals(),
    ActLoadBench,
    *("reset_mid", "bad_length", "directed_clear_after_start"),
    *("directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: places, masks and latency. Stimulus: 2 cells of every column. Check: each word in its
    column, cell and part; a write comes one cycle after its stream word."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.packet(2, 5))
    assert bench.write_times == [t + 1 for t in bench.word_times[1:]]


@leaf_test
async def throughput(dut):
    """Goal: one stream word per cycle. Stimulus: 2 cells of every column, no pause. Check:
    cycles."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.packet(2, 0))
    assert bench.word_times[-1] - bench.word_times[0] == 2 * COLS * PARTS


@leaf_test(cycles=200_000)
async def extremes(dut):
    """Goal: ends of THRESHOLD, and a full buffer. Stimulus: every threshold of 0, 1, 32766 to
    32769, 65535 on the values around it with the most negative one; ActDepth cells of each column.
    Check: the mask is |x| > THRESHOLD, of the most negative one too."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    ends = np.array([0, 1, -1, 2, -2, 32766, -32766, HIGHEST, -HIGHEST, LOWEST])
    for threshold in (0, 1, 32766, 32767, 32768, 32769, 65535):
        cells = min(2, DEPTH)
        values = np.resize(ends, (COLS, cells, WORD))
        await bench.good(bench.packet(cells, threshold, values))
    await bench.good(bench.packet(min(DEPTH, 40), 9))


@leaf_test
async def bad_header(dut):
    """Goal: a wrong first word. Stimulus: magic; a count that is not that of the registers. Check:
    ACT_HEADER at beat 0; then exact."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    packet = bench.packet(1, 0)
    wrong = packet.words.copy()
    wrong[0] ^= np.uint64(1 << 50)
    for sent, count in ((wrong, COLS), (packet.words, COLS - 1), (packet.words, COLS + 1)):
        inputs = dict(packet.inputs) | {"count_i": count}
        await bench.refuse(sent, ErrorCode.ACT_HEADER, 0, **inputs)
