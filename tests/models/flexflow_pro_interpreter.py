"""A second, independent reading of ``rtl/flexflow_pro/README.md``: runs a Program in plain Python.

Shares no code with the models: packets are taken apart bit by bit from the text of the contract,
memories are dictionaries (reading what nobody wrote is an error), sums are Python integers, and a
clock counts cycle by cycle what each bus, PE and row does. It refuses what the RTL refuses as
GEOMETRY.
"""

from __future__ import annotations

from collections import Counter

from tests.models.eie_interpreter import MAGIC_A, MAGIC_W, rounded, signed

FIRST, RELEASE, FIRE, END = 3, 2, 4, 6


class Machine:
    """The programmer's view of ``lac_flexflow_pro``; ``run`` executes one pass, returns its words.

    counts: all counters of the last pass; loads: packets taken.
    """

    def __init__(self, config) -> None:
        self.p = config.parameters()
        self.kernel: dict[tuple[int, int], int] = {}  # (pe, weight)
        self.bias: dict[tuple[int, int], int] = {}  # (row, map)
        self.act: dict[tuple[int, int, int], int] = {}  # (column, cell, piece)
        self.live: dict[tuple[int, int, int], bool] = {}
        self.acc: dict[tuple[int, int], int] = {}  # (row, result)
        self.counts: Counter[str] = Counter()
        self.loads: Counter[str] = Counter()

    def load_weights(self, words: list[int]) -> None:
        p = self.p
        assert words[0] == MAGIC_W << 32 | len(words) - 1
        at, before = 1, (0, -1)
        while at < len(words):
            header = words[at]
            kind, pe = header & 0xF, header >> 4 & 0xFFF
            base, count = header >> 16 & 0xFFFFFF, header >> 40
            assert (kind, pe) > before, "sections out of order"
            before, at = (kind, pe), at + 1
            if kind == 1:
                assert pe < p["Rows"] * p["Cols"]
                assert base + count <= p["KCells"] * p["MaskWord"] // 4
                for word in range(count):
                    for lane in range(4):
                        value = signed(words[at + word] >> 16 * lane, 16)
                        self.kernel[pe, 4 * (base + word) + lane] = value
                at += count
                self.counts["wgt_writes"] += 4 * count
            else:
                assert kind == 2
                assert pe < p["Rows"]
                assert base % 2 == 0
                assert base + count <= p["MaxMaps"]
                for n in range(count + count % 2):
                    value = signed(words[at + n // 2] >> 32 * (n % 2), 32)
                    assert signed(value, p["BiasWidth"]) == value
                    assert n < count or value == 0
                    self.bias[pe, base + n] = value
                at += -(-count // 2)
        assert at == len(words)

    def load_inputs(self, words: list[int], cells: int, threshold: int) -> None:
        """``cells`` of a column."""
        p = self.p
        size = p["MaskWord"] // 4
        assert words[0] == MAGIC_A << 32 | cells * p["Cols"]
        assert len(words) == 1 + cells * p["Cols"] * size
        at = 1
        for column in range(p["Cols"]):
            for cell in range(cells):
                for piece in range(p["MaskWord"]):
                    value = signed(words[at + piece // 4] >> 16 * (piece % 4), 16)
                    self.act[column, cell, piece] = value
                    self.live[column, cell, piece] = abs(value) > threshold
                at += size
        self.counts["act_writes"] += 4 * (len(words) - 1)

    def run(self, one) -> list[int] | None:
        p = self.p
        cfg = [one.cfg.get(i, 0) for i in range(16)]
        mode, plane, window, piece, threshold, shift = cfg[:6]
        assert not any(cfg[6:])
        assert mode & ~0b11_1100_1111 == 0
        keep, bias, relu, relaxed = (mode >> bit & 1 for bit in (6, 7, 8, 9))
        assert not (keep and bias)
        assert mode & 0xF
        g = self.geometry = Shape(plane, window, piece)
        assert g.windows >= 1
        assert 1 <= g.maps <= p["MaxMaps"]
        assert 1 <= g.lines <= p["AccDepth"] // (g.windows * g.maps)
        if mode & 6:
            assert g.lines * g.line * g.cells <= p["ActDepth"]
            assert 1 <= g.taps <= p["KCells"] // (g.cells * g.maps)
            assert 1 <= g.stride <= g.taps
            assert g.groups <= p["Rows"]
            assert g.cells >= 1
            assert (g.cells - 1) * p["MaskWord"] < g.pieces <= g.cells * p["MaskWord"]
            assert g.span <= g.ring <= p["NCells"] // g.cells
        assert threshold < 1 << 16
        assert shift < p["AccWidth"]
        self.counts = Counter()
        assert bool(mode & 1) == (one.wgt is not None)
        assert bool(mode & 2) == (one.act is not None)
        if mode & 1:
            self.loads["wgt"] += 1
            self.load_weights([int(word) for word in one.wgt])
        if mode & 2:
            self.loads["act"] += 1
            cells = g.lines * g.line * g.cells
            self.load_inputs([int(word) for word in one.act], cells, threshold)
        if mode & 4:
            self.compute(keep, bias, relaxed)
        if not mode & 8:
            assert one.out_words == 0
            return None
        return self.results(one, shift, bool(relu))

    def cells_of(self, i: int, j: int, result: int) -> list[list[tuple[int, int]]]:
        """The cells that PE (i, j) looks at for a result: operands of their pairs."""
        p, g = self.p, self.geometry
        places = p["Rows"] // g.groups
        n, m = divmod(result, g.maps)
        line, n = divmod(n, g.windows)
        found = []
        for s in range(g.taps):
            at = line * g.line + n * g.step + i // places * g.stride + s
            for cb in range(g.cells):
                store = ((m * g.taps + s) * g.cells + cb) * p["MaskWord"]
                pairs = []
                for b in range(p["MaskWord"]):
                    weight = self.kernel[i * p["Cols"] + j, store + b]
                    key = j, at * g.cells + cb, b
                    if weight and self.live[key]:
                        pairs.append((weight, self.act[key]))
                found.append(pairs)
        return found

    def compute(self, keep: int, bias: int, relaxed: int) -> None:
        p, g = self.p, self.geometry
        rows, cols = p["Rows"], p["Cols"]
        limit = 1 << (p["AccWidth"] - 1)
        for i in range(rows):
            for r in range(g.results):
                total = self.acc[i, r] if keep else self.bias[i, r % g.maps] if bias else 0
                for j in range(cols):
                    for pairs in self.cells_of(i, j, r):
                        total += sum(weight * act for weight, act in pairs)
                assert -limit <= total < limit
                self.acc[i, r] = total
                self.counts["psum_reads"] += keep
                self.counts["psum_writes"] += 1
        self.counts.update(Clock(self, relaxed).run())

    def results(self, one, shift: int, relu: bool) -> list[int]:
        rows = self.p["Rows"]
        words = []
        for r in range(self.geometry.results):
            value = 0
            for i in range(rows):
                self.counts["psum_reads"] += 1
                value |= (rounded(self.acc[i, r], shift, 16, relu) & 0xFFFF) << 16 * i
            words += [value >> 64 * n & ((1 << 64) - 1) for n in range(-(-rows // 4))]
        assert len(words) == one.out_words
        return words


class Shape:
    """Fields of CFG 1..3, and what follows from them."""

    def __init__(self, plane: int, window: int, piece: int) -> None:
        assert window >> 20 == 0
        assert window >> 15 & 1 == 0
        self.lines, self.windows = plane & 0xFFFF, plane >> 16
        self.taps, self.stride = window & 0xFF, window >> 8 & 0xF
        self.groups, self.maps = 1 << (window >> 12 & 7), window >> 16 & 0xF
        self.pieces, self.cells, self.ring = piece & 0xFFFF, piece >> 16 & 0xFF, piece >> 24
        self.step = self.stride * self.groups
        self.span = self.taps + (self.groups - 1) * self.stride
        self.line = (self.windows - 1) * self.step + self.span
        self.results = self.lines * self.windows * self.maps


class Column:
    """A column's buffer and bus: what it sends, and how much room its ring has."""

    def __init__(self, clock: Clock, j: int) -> None:
        self.clock, self.j = clock, j
        self.slice = self.cell = 0  # next to be sent
        self.left = 0  # cycles of the cell on the bus
        self.begun = 0  # slices
        self.given = 0  # windows given back
        self.released = 0  # slices given back
        self.windows = 0  # that are there, from the next cycle on

    def cycle(self, t: int) -> None:
        """One cycle of the bus."""
        g, p, counts = self.clock.g, self.clock.p, self.clock.counts
        # A window that all rows were through with two cycles ago is given back, one a cycle.
        through = min(
            sum(last <= t - RELEASE for last in self.clock.ends[i, self.j])
            for i in range(p["Rows"])
        )
        if through > self.given:
            self.given += 1
            self.released += g.span if self.given % g.windows == 0 else g.step
        if t < FIRST or self.slice == g.lines * g.line:
            return
        if self.left == 0:
            if self.cell == 0:
                if self.begun - self.released == g.ring:
                    counts["bus_full"] += 1
                    return
                self.begun += 1
            at = self.slice * g.cells + self.cell
            live = sum(self.clock.machine.live[self.j, at, b] for b in range(p["MaskWord"]))
            self.left = max(1, -(-live // p["BusWords"]))
            counts["bus_cells"] += 1
            counts["idx_writes"] += p["Rows"]
            counts["act_reads"] += p["MaskWord"]
            counts["broadcasts"] += live
        self.left -= 1
        if self.left == 0:
            self.cell += 1
            if self.cell == g.cells:
                self.cell = 0
                self.slice += 1
                line, n = divmod(self.windows, g.windows)
                if self.slice == line * g.line + n * g.step + g.span:
                    self.windows += 1


class Pe:
    """A PE: the result it is at, the cell in it, and the cycles that the cell still takes."""

    def __init__(self, clock: Clock, i: int, j: int) -> None:
        self.clock, self.i, self.j = clock, i, j
        self.result = 0
        self.steps: list[str] = []  # what each cycle of the result is
        self.done: list[int] = []  # cycle of the last step of each result

    def cycle(self, t: int, there: int) -> None:
        """One cycle, ``there`` windows being in the store."""
        clock, g = self.clock, self.clock.g
        if self.result == g.results:
            clock.counts["stall_input"] += 1
            return
        if not self.steps:
            if self.result % g.maps == 0 and self.result // g.maps >= there:
                clock.counts["stall_input"] += 1
                return
            self.steps = self.cells()
        if len(self.steps) == 1:
            fired = sum(cycle < t for cycle in clock.fires[self.i])
            if self.result - fired >= clock.p["FifoDepth"]:
                clock.counts["stall_sync"] += 1
                return
            self.done.append(t)
            self.result += 1
            if self.result % g.maps == 0:
                clock.ends[self.i, self.j].append(t)
        clock.counts[self.steps.pop()] += 1

    def cells(self) -> list[str]:
        """The counter of each cycle of a result."""
        found = []
        word, g = self.clock.p["MaskWord"], self.clock.g
        for at, pairs in enumerate(self.clock.machine.cells_of(self.i, self.j, self.result)):
            self.clock.counts["idx_reads"] += 1
            self.clock.counts["wgt_reads"] += len(pairs)
            found += ["mac_useful"] * len(pairs)
            if self.clock.relaxed:
                found += [] if pairs else ["slot_empty"]
            else:
                pieces = word if (at + 1) % g.cells else g.pieces - (g.cells - 1) * word
                found += ["slot_padding"] * (pieces - len(pairs))
        return found


class Clock:
    """A compute phase, cycle by cycle."""

    def __init__(self, machine: Machine, relaxed: int) -> None:
        self.machine, self.relaxed = machine, relaxed
        self.p, self.g = machine.p, machine.geometry
        rows, cols = self.p["Rows"], self.p["Cols"]
        self.counts: Counter[str] = Counter()
        self.ends = {(i, j): [] for i in range(rows) for j in range(cols)}
        self.fires: list[list[int]] = [[] for _ in range(rows)]

    def run(self) -> Counter[str]:
        rows, cols, g = self.p["Rows"], self.p["Cols"], self.g
        columns = [Column(self, j) for j in range(cols)]
        pes = [[Pe(self, i, j) for j in range(cols)] for i in range(rows)]
        t, last = 0, None
        while last is None or t < last + END:
            there = [column.windows for column in columns]
            for i in range(rows):
                r = len(self.fires[i])
                done = [pe.done for pe in pes[i]]
                if r < g.results and all(len(d) > r and d[r] <= t - FIRE for d in done):
                    self.fires[i].append(t)
            for i in range(rows):
                for j in range(cols):
                    pes[i][j].cycle(t, there[j] if self.relaxed else min(there))
            for column in columns:
                column.cycle(t)
            if last is None and all(len(fires) == g.results for fires in self.fires):
                last = t
            t += 1
        self.counts["cycles_compute"] = t
        self.counts["mac_slots"] = t * rows * cols
        return self.counts
