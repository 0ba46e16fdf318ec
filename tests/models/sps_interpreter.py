"""A second, independent reading of the contract of SPS: runs a Program in plain Python.

Shares no code with the models: packets are taken apart bit by bit, tables and memories are
dictionaries (reading what nobody wrote is an error), the index unit serves a row at a time, and a
clock of its own says when. It refuses what the RTL refuses: ``Refused`` has code and position.
"""

from __future__ import annotations

from collections import Counter

from tests.models import dense_interpreter
from tests.models.dense_interpreter import lanes
from tests.models.eie_interpreter import MAGIC_W, signed

WGT_RANGE, RESIDUE, POSITION = 32, 33, 34


class Refused(Exception):
    """The pass ends in this error."""

    def __init__(self, code: int, pos: int) -> None:
        super().__init__(code, pos)
        self.code, self.pos = code, pos


class Machine(dense_interpreter.Machine):
    """The programmer's view of ``lac_sps``; ``run`` executes one pass and returns its words."""

    def __init__(self, config) -> None:
        super().__init__(config)
        self.dir: dict[int, tuple[int, int]] = {}
        self.pos: dict[int, tuple[int, int]] = {}
        self.kres: dict[int, int] = {}
        self.rres: dict[int, list[int]] = {}
        self.times: dict[str, int] = {}

    def load_weights(self, words: list[int]) -> None:
        p = self.p
        assert words[0] == MAGIC_W << 32 | len(words) - 1
        at, before = 1, 0
        while at < len(words):
            header = words[at]
            kind, base, count = header & 0xF, header >> 16 & 0xFFFFFF, header >> 40
            assert header >> 4 & 0xFFF == 0
            assert before < kind <= 6, "sections out of order"
            before, at = kind, at + 1
            bits = {
                1: p["Cols"] * p["WgtWidth"],
                2: p["Cols"] * 32,
                3: 16,
                4: 8,
                5: 4,
                6: p["Rows"] * 4,
            }[kind]
            depth = {1: "WgtDepth", 2: "BiasDepth", 3: "MaxPeriod", 4: "TableDepth", 5: "MaxKt"}
            assert base + count <= p[depth.get(kind, "MaxCt")]
            if kind in (3, 4, 5):
                size = -(-count * bits // 64)
                value = sum(word << 64 * i for i, word in enumerate(words[at : at + size]))
                assert value >> count * bits == 0, "bits behind the last entry"
                each = 64 // bits
                assert base % each == 0, "a section begins with a word of its table"
                for i in range(min(size * each, p[depth[kind]] - base)):
                    self.entry(kind, base + i, value >> i * bits & ((1 << bits) - 1))
                self.counts["idx_writes"] += size
                at += size
                continue
            size = -(-bits // 64)
            for word in range(base, base + count):
                self.word(kind, word, words[at : at + size])
                at += size
            self.counts[{1: "wgt_writes", 2: "bias", 6: "idx_writes"}[kind]] += count
        assert at == len(words)
        del self.counts["bias"]

    def entry(self, kind: int, at: int, value: int) -> None:
        """An entry of DIR, POS or KRES."""
        if kind == 3:
            self.dir[at] = value >> 8, value & 0xFF
        elif kind == 4:
            self.pos[at] = value >> 4, value & 0xF
        else:
            self.kres[at] = value

    def word(self, kind: int, at: int, words: list[int]) -> None:
        """A buffer word of WEIGHT, BIAS or RRES."""
        p = self.p
        if kind == 1:
            self.wgt[at] = lanes(words, p["Cols"], p["WgtWidth"])
        elif kind == 2:
            self.bias[at] = lanes(words, p["Cols"], 32)
            assert all(signed(v, p["BiasWidth"]) == v for v in self.bias[at])
        else:
            value = sum(word << 64 * i for i, word in enumerate(words))
            assert value >> p["Rows"] * 4 == 0, "bits behind the last row"
            self.rres[at] = [value >> 4 * i & 0xF for i in range(p["Rows"])]

    def load_inputs(self, words: list[int], base: int, count: int) -> None:
        super().load_inputs(words, base, count)
        self.counts["act_writes"] *= self.p["Rows"]  # a bank each

    def run(self, one) -> list[int] | None:
        p = self.p
        cfg = [one.cfg.get(i, 0) for i in range(16)]
        mode, kernel, shift = cfg[0], cfg[3], cfg[8]
        assert not any(cfg[11:]) and cfg[9] < 32 and mode & ~0b1_1100_1111 == 0
        h, w, out_h, out_w = cfg[1] & 0xFFFF, cfg[1] >> 16, cfg[2] & 0xFFFF, cfg[2] >> 16
        r, s, stride = kernel & 0xFF, kernel >> 8 & 0xFF, kernel >> 16 & 0xF
        top, left = kernel >> 20 & 0xF, kernel >> 24 & 0xF
        ct, kt, period = cfg[4] & 0xFFFF, cfg[4] >> 16, cfg[9]
        kres, rres = cfg[10] & 0xFFFF, cfg[10] >> 16
        assert kernel >> 28 == 0
        assert min(h, w, out_h, out_w, r, s, stride, ct, kt) > 0
        assert max(r, s) <= p["KernelSize"]
        assert kt * out_h * out_w <= p["AccDepth"]
        assert cfg[5] < p["WgtDepth"]
        assert cfg[6] + ct * h * w <= p["ActDepth"]
        keep, bias, relu = mode >> 6 & 1, mode >> 7 & 1, mode >> 8 & 1
        assert not (keep and bias)
        assert not bias or cfg[7] + kt <= p["BiasDepth"]
        assert shift < p["AccWidth"]
        assert 1 <= period <= p["MaxPeriod"]
        assert kres + kt <= p["MaxKt"]
        assert rres + ct <= p["MaxCt"]
        self.counts = Counter()
        assert bool(mode & 1) == (one.wgt is not None)
        assert bool(mode & 2) == (one.act is not None)
        if mode & 1:
            self.loads["wgt"] += 1
            self.load_weights([int(word) for word in one.wgt])
        if mode & 2:
            self.loads["act"] += 1
            self.load_inputs([int(word) for word in one.act], cfg[6], ct * h * w)
        assert mode & 4, "every pass of the compiler computes"
        pixels = out_h * out_w
        tiles = list(self.tiles_of(cfg[5], (kres, kt), (rres, ct), period, (r, s)))
        fresh_at = -1
        for k, c, served in tiles:
            new, fresh_at = k != fresh_at and not keep, k
            weights = [weight for weight, _ in served]
            for n in range(pixels):
                y, x = n // out_w * stride - top, n % out_w * stride - left
                acts = []
                for i, (_, place) in enumerate(served):
                    there = place and 0 <= y + place[0] < h and 0 <= x + place[1] < w
                    self.counts["act_reads"] += bool(there)
                    at = cfg[6] + (c * h + y + place[0]) * w + x + place[1] if there else 0
                    acts.append(self.act[at][i] if there else 0)
                fresh = None
                if new:
                    fresh = self.bias[cfg[7] + k] if bias else [0] * p["Cols"]
                self.add(k * pixels + n, acts, weights, fresh)
        self.times = clock(len(tiles), pixels, p["Rows"], p["Cols"])
        if not mode & 8:
            assert one.out_words == 0
            return None
        return self.results(one, kt * pixels, shift, bool(relu))

    def tiles_of(self, base: int, kres, rres, period: int, window):
        """(kt, ct, rows) of each tile, a row being (weights, (dy, dx) or None)."""
        p, number = self.p, 0
        for k in range(kres[1]):
            for c in range(rres[1]):
                step, more = 0, True
                while more:
                    more, served = False, []
                    for i in range(p["Rows"]):
                        first = self.kres[kres[0] + k]
                        second = self.rres[rres[0] + c][i if p["RowOffsets"] else 0]
                        if first >= period:
                            raise Refused(RESIDUE, kres[0] + k << 16 | 5 << 8)
                        if second >= period:
                            raise Refused(RESIDUE, rres[0] + c << 16 | 6 << 8 | i)
                        residue = first + second
                        residue -= period if residue >= period else 0
                        start, size = self.dir[residue]
                        place = None
                        if size > step:
                            if start + step >= p["TableDepth"]:
                                raise Refused(POSITION, start + step)
                            place = self.pos[start + step]
                            if place[0] >= window[0] or place[1] >= window[1]:
                                raise Refused(POSITION, start + step)
                        more |= size > step + 1
                        at = base + number * p["Rows"] + i
                        if at >= p["WgtDepth"]:
                            raise Refused(WGT_RANGE, number)
                        self.counts["wgt_reads"] += 1
                        self.counts["idx_reads"] += 1 if p["RowOffsets"] or i == 0 else 0
                        served.append((self.wgt[at], place))
                    yield k, c, served
                    number, step = number + 1, step + 1


def clock(tiles: int, pixels: int, rows: int, cols: int) -> dict[str, int]:
    """Counters that depend on time, by counting cycles; cycle 0 is the first of the phase.

    Nothing moves in cycle 0. The index unit scans a row a cycle, from cycle 3 on; its weights are
    read three cycles behind. A tile begins with the weights of its row 0, when all pixels of the
    tile before are read; pixels are read from the next cycle on, the last one not before the cycle
    behind the scan of the last row, which says whether another tile follows. The scan of a tile
    begins when the switch of the tile before is far enough: Cols - 2 cycles after that began. A
    pixel is in lane 0 three cycles after it is read, and its sum in column j in its bank
    Rows + j + 2 cycles later.
    """
    begun: list[int] = []  # A_k
    scanned: list[list[int]] = [[]]  # cycle of each row of each tile
    read: list[list[int]] = []  # cycle of each pixel of each tile
    waits, cycle = 0, 2
    while len(read) < tiles or len(read[-1]) < pixels:
        # Read a pixel.
        reads = False
        if read and len(read[-1]) < pixels and cycle > begun[-1]:
            rest = pixels - len(read[-1])
            known = len(scanned[len(read) - 1]) == rows and scanned[len(read) - 1][-1] < cycle
            if rest > 1 or known:
                read[-1].append(cycle)
                reads = True
        waits += not reads
        # Begin a tile.
        at = len(begun)
        through = at == 0 or len(read[-1]) == pixels
        if at < tiles and through and scanned[at] and cycle >= scanned[at][0] + 3:
            begun.append(cycle)
            read.append([])
        # Scan a row.
        at = len(scanned) - 1
        first = 3 if at == 0 else begun[at - 1] + cols - 2 if at <= len(begun) else cycle + 1
        if at < tiles and (scanned[at] or cycle >= first):
            scanned[at].append(cycle)
            if len(scanned[at]) == rows:
                scanned.append([])
        cycle += 1
    for k, begins in enumerate(begun):
        for i in range(rows):
            weights = scanned[k][i] + 5  # in the shadow, two cycles after they are read
            assert weights <= begins + 4 + i - 2, "the weights of a row come before its switch"
            if k:
                assert weights >= begun[k - 1] + 4 + i + cols - 1, "and behind the switch before"
    last = read[-1][-1] + 3 + rows + cols - 1 + 2
    slots, compute, streamed = rows * cols, last + 1, tiles * pixels
    return {
        "cycles_compute": compute,
        "mac_slots": compute * slots,
        "stall_sync": waits * slots,
        "stall_input": (compute - streamed - waits) * slots,
    }
