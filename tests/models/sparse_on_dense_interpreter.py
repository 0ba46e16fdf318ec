"""A second, independent reading of ``rtl/sparse_on_dense/README.md``: runs a Program in plain
Python, as ``dense_interpreter`` does, but with weights in banks and units that decode them.

``times`` of the last pass: the counters that depend on time, tile by tile from the clocked units.
"""

from __future__ import annotations

from tests.models import dense_interpreter
from tests.models.dense_interpreter import lanes
from tests.models.eie_interpreter import MAGIC_W, signed
from tests.models.sod_clock import clock

#: The table of constants: latency of the decoders is in ``sod_clock``.
CLEAR_0, START = 2, 3


class Machine(dense_interpreter.Machine):
    """The programmer's view of ``lac_sparse_on_dense``."""

    def __init__(self, config) -> None:
        super().__init__(config)
        #: bank -> address -> (word, mark)
        self.banks: list[dict[int, tuple[int, int]]] = [{} for _ in range(self.p["NumUnits"])]
        self.taken: list[list[int]] = []  # [tile][unit] cycles from a header to the last write

    def load_weights(self, words: list[int]) -> None:
        p = self.p
        assert words[0] >> 32 == MAGIC_W
        assert words[0] & 0xFFFFFFFF == len(words) - 1
        at, before = 1, (0, 0)
        while at < len(words):
            header = words[at]
            kind, unit = header & 0xF, header >> 4 & 0xFFF
            base, count = header >> 16 & 0xFFFFFF, header >> 40
            assert (kind, unit) > before or at == 1, "sections out of order"
            before = kind, unit
            at += 1
            if kind == 1:
                assert unit < p["NumUnits"] and base + count <= p["WgtDepth"]
                self.counts["wgt_writes"] += count
                for i in range(count):
                    if i % 64 == 0:
                        marks, at = words[at], at + 1
                        assert marks >> min(64, count - i) == 0, "marks behind the last word"
                    self.banks[unit][base + i] = words[at], marks >> i % 64 & 1
                    at += 1
                continue
            assert (kind, unit) == (2, 0) and base + count <= p["BiasDepth"]
            size = -(-p["Cols"] // 2)
            for word in range(base, base + count):
                self.bias[word] = lanes(words[at : at + size], p["Cols"], 32)
                assert all(signed(v, p["BiasWidth"]) == v for v in self.bias[word])
                at += size
        assert at == len(words)

    def tiles(self, base: int, count: int) -> list[list[list[int]]]:
        assert base < self.p["WgtDepth"]
        tiles: list[list[list[int]]] = [[] for _ in range(count)]
        self.taken = [[] for _ in range(count)]
        for bank in self.banks:
            at = base
            for k in range(count):
                part, mark = [], 0
                while not mark:
                    word, mark = bank[at]
                    part.append(word)
                    at += 1
                self.counts["wgt_reads"] += len(part)
                weights, taken = clock(part, self.p)
                tiles[k] += weights
                self.taken[k].append(taken)
        return tiles

    def times(self, pixels: int) -> dict[str, int]:
        """Counters of the last pass that depend on time, for N ``pixels``."""
        p = self.p
        group = p["Rows"] // p["NumUnits"]
        starts: list[int] = []
        for taken in self.taken:
            free = [CLEAR_0] * p["NumUnits"]
            if starts:
                free = [starts[-1] + p["Cols"] + (u + 1) * group - 2 for u in range(p["NumUnits"])]
            ready = max(f + cycles for f, cycles in zip(free, taken, strict=True)) + START
            starts.append(max(ready, starts[-1] + pixels) if starts else ready)
        # A pixel is issued two cycles before it enters; the generator is active from cycle 1 on.
        issued = {start - 2 + n for start in starts for n in range(pixels)}
        waits = sum(cycle not in issued for cycle in range(1, starts[-1] - 1))
        compute = starts[-1] + pixels + p["Rows"] + p["Cols"] + 1
        slots = p["Rows"] * p["Cols"]
        stalled = compute - len(issued) - waits
        return {
            "cycles_compute": compute,
            "mac_slots": compute * slots,
            "stall_sync": waits * slots,
            "stall_input": stalled * slots,
        }
