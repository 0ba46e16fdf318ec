"""A second, independent reading of ``rtl/cambricon_se/README.md``: runs a Program in plain Python.

Shares no code with the models: packets are taken apart bit by bit from the text of the contract,
memories are dictionaries (reading what nobody wrote is an error), sums are Python integers, and a
clock counts cycle by cycle what each selector does. It refuses what the RTL refuses as GEOMETRY.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from tests.models.eie_interpreter import MAGIC_A, MAGIC_W, rounded, signed

T0, END = 7, 10
LIST, TABLE, CODES, BOOK, MASK, BIAS = 1, 2, 3, 4, 5, 6


@dataclass
class Entry:
    """An entry of an index list."""

    offset: int
    mask: int
    region: int
    last: bool


class Machine:
    """The programmer's view of ``lac_cambricon_se``; ``run`` executes one pass, returns its words.

    counts: all counters of the last pass, history: of all passes; loads: packets taken.
    """

    def __init__(self, config) -> None:
        self.p = config.parameters()
        self.lists: dict[tuple[int, int], Entry] = {}  # (core, entry)
        self.masks: dict[tuple[int, int], int] = {}  # (pe of all, entry)
        self.codes: dict[tuple[int, int, int], int] = {}  # (pe of all, row, code)
        self.books: dict[tuple[int, int, int], int] = {}  # (core, region, value)
        self.bias: dict[tuple[int, int], int] = {}  # (pe of all, group of the core)
        self.act: dict[tuple[int, int], int] = {}  # (row, position)
        self.acc: dict[tuple[int, int], int] = {}  # (pe of all, place)
        self.counts: Counter[str] = Counter()
        self.history: list[Counter[str]] = []
        self.loads: Counter[str] = Counter()
        self.table: dict[str, int] = {}  # string of a code -> symbol
        self.load_cycles = 0  # of the last weight packet, its stream never late

    def load_weights(self, words: list[int], huffman: int) -> None:
        p = self.p
        assert words[0] == MAGIC_W << 32 | len(words) - 1
        at, before = 1, (0, -1)
        self.load_cycles = 2
        strings = None
        settled = 0  # cycle in which the codes of the last step are written
        self.counts["words_wgt"] += len(words) - 1
        while at < len(words):
            self.load_cycles += 1
            header = words[at]
            kind, pe = header & 0xF, header >> 4 & 0xFFF
            base, count = header >> 16 & 0xFFFFFF, header >> 40
            assert (kind, pe) > before, "sections out of order"
            assert pe < p["Cores"] * p["Pes"]
            before = kind, pe
            payload = words[at + 1 :]
            if kind == CODES and huffman:
                strings = strings or Strings(p)
                taken, ticks = strings.section(self, pe, base, count, payload)
                self.load_cycles += ticks
                settled = self.load_cycles + 3 if ticks else settled
            else:
                if strings:
                    assert strings.empty(), "bits are left"
                self.load_cycles = max(self.load_cycles, settled)
                taken = self.load_section(kind, pe, base, count, payload)
                self.load_cycles += taken + 12 * (kind == TABLE)
            at += 1 + taken
        assert at == len(words)
        assert not strings or strings.empty(), "bits are left"
        self.load_cycles = max(self.load_cycles, settled)

    def load_section(self, kind: int, pe: int, base: int, count: int, words: list[int]) -> int:
        """Take a section; answers how many words it has."""
        p = self.p
        core = pe // p["Pes"]
        if kind in (LIST, BOOK):
            assert pe % p["Pes"] == 0
        most = {TABLE: 256, BOOK: p["Regions"], BIAS: p["BiasDepth"]}.get(kind, p["ListDepth"])
        assert base + count <= most
        if kind == LIST:
            size = -(-(p["Window"] + 32) // 64)
            for n in range(count):
                whole = sum(words[n * size + i] << 64 * i for i in range(size))
                mask = whole >> 32
                assert whole >> 21 & 0x7FF == 0
                assert mask >> p["Window"] == 0
                entry = Entry(whole & 0xFFFF, mask, whole >> 16 & 0xF, bool(whole >> 20 & 1))
                assert entry.region < p["Regions"]
                assert p["Selector"] != 2 or mask == 0
                self.lists[core, base + n] = entry
                self.counts["idx_writes"] += 1
        elif kind == CODES:
            size = -(-p["CodeRow"] // 8)
            for n in range(count):
                for code in range(p["CodeRow"]):
                    word = words[n * size + code // 8]
                    self.codes[pe, base + n, code] = word >> 8 * (code % 8) & 0xFF
                    self.counts["wgt_writes"] += 1
        elif kind == TABLE:
            assert (pe, base) == (0, 0)
            self.load_table(words, count)
            return 4 + -(-count // 8)
        elif kind == BOOK:
            size = 4
            for n in range(count):
                for value in range(16):
                    word = words[n * size + value // 4]
                    self.books[core, base + n, value] = signed(word >> 16 * (value % 4), 16)
        elif kind == MASK:
            assert p["Selector"] == 2
            size = -(-p["Window"] // 64)
            for n in range(count):
                mask = sum(words[n * size + i] << 64 * i for i in range(size))
                assert mask >> p["Window"] == 0
                self.masks[pe, base + n] = mask
                self.counts["idx_writes"] += 1
        else:
            assert kind == BIAS
            assert base % 2 == 0
            for n in range(count + count % 2):
                value = signed(words[n // 2] >> 32 * (n % 2), 32)
                assert signed(value, p["BiasWidth"]) == value
                if n < count:
                    self.bias[pe, base + n] = value
                else:
                    assert value == 0
            return -(-count // 2)
        return count * size

    def load_table(self, words: list[int], count: int) -> None:
        """Codes count up; a longer one goes on behind the last shorter one, with zeros."""
        assert self.p["HufLanes"]
        assert 1 <= count <= 256
        numbers = [words[n // 4] >> 16 * (n % 4) & 0xFFFF for n in range(16)]
        assert sum(numbers) == count
        assert not any(numbers[12:])
        space = sum(2 ** (15 - n) * number for n, number in enumerate(numbers))
        assert space == 2**16 or (count == 1 and numbers[0] == 1)
        symbols = b"".join(word.to_bytes(8, "little") for word in words[4 : 4 + -(-count // 8)])
        assert not any(symbols[count:])
        self.table, code, at = {}, 0, 0
        for length, number in enumerate(numbers, 1):
            code *= 2
            for _ in range(number):
                self.table[format(code, f"0{length}b")] = symbols[at]
                code, at = code + 1, at + 1

    def load_inputs(self, words: list[int], rows: int, packed: int) -> None:
        p = self.p
        window = p["Window"]
        self.counts["words_in"] += len(words) - 1
        self.counts["act_writes"] += rows * window * p["Cores"]
        if not packed:
            assert words[0] == MAGIC_A << 32 | rows
            assert len(words) == 1 + rows * window // 4
            for at in range(rows * window):
                value = signed(words[1 + at // 4] >> 16 * (at % 4), 16)
                self.act[divmod(at, window)] = value
            return
        assert words[0] == MAGIC_A << 32 | len(words) - 1
        units = deque(word >> 16 * n & 0xFFFF for word in words[1:] for n in range(4))
        unit = min(16, window)
        for at in range(0, rows * window, unit):
            mask = units.popleft()
            assert mask >> unit == 0
            for n in range(unit):
                value = 0
                if mask >> n & 1:
                    value = signed(units.popleft(), 16)
                    assert value != 0
                self.act[divmod(at + n, window)] = value
        assert len(units) < 4
        assert not any(units)

    def run(self, one) -> list[int] | None:
        p = self.p
        cfg = [one.cfg.get(i, 0) for i in range(16)]
        mode, sizes, outs, kernel, groups, shift = cfg[:6]
        assert not any(cfg[6:])
        assert mode & ~0b1_1111_1100_1111 == 0
        assert mode & 0xF
        keep, bias, relu, code4, packed_in, packed_out = (mode >> bit & 1 for bit in range(6, 12))
        huffman = mode >> 12
        assert not huffman or p["HufLanes"]
        assert not (keep and bias)
        self.h, self.w = sizes & 0xFFFF, sizes >> 16
        self.outs = outs & 0xFFFF, outs >> 16
        self.stride, self.cb, self.groups = kernel & 0xF, kernel >> 8 & 0xFF, groups
        assert kernel & ~0xFF0F == 0
        pixels = self.outs[0] * self.outs[1]
        if mode & 6:
            assert self.h >= 1
            assert self.w >= 1
            assert 1 <= self.cb <= p["ActDepth"] // (self.h * self.w)
        if mode & 12:
            assert pixels >= 1
            assert 1 <= groups <= p["Cores"] * (p["AccDepth"] // pixels)
            assert not bias or groups <= p["Cores"] * p["BiasDepth"]
        assert not mode & 4 or self.stride >= 1
        assert shift < p["AccWidth"]
        self.counts = Counter()
        self.history.append(self.counts)
        assert bool(mode & 1) == (one.wgt is not None)
        assert bool(mode & 2) == (one.act is not None)
        if mode & 1:
            self.loads["wgt"] += 1
            self.load_weights([int(word) for word in one.wgt], huffman)
        if mode & 2:
            self.loads["act"] += 1
            words = [int(word) for word in one.act]
            self.load_inputs(words, self.h * self.w * self.cb, packed_in)
        if mode & 4:
            self.compute(keep, bias, code4)
        if not mode & 8:
            assert one.out_words == 0
            return None
        return self.results(one, shift, relu, packed_out)

    def mine(self, core: int) -> list[int]:
        """Groups of a core."""
        return list(range(core, self.groups, self.p["Cores"]))

    def lists_of(self, core: int) -> list[list[int]]:
        """Numbers of the entries of each list of a core."""
        found, entry = [], 0
        for _ in self.mine(core):
            found.append([])
            while True:
                found[-1].append(entry)
                entry += 1
                if self.lists[core, entry - 1].last:
                    break
        return found

    def mask(self, core: int, pe: int, entry: int) -> int:
        """The mask of a PE."""
        if self.p["Selector"] == 2:
            return self.masks[core * self.p["Pes"] + pe, entry]
        return self.lists[core, entry].mask

    def weight(self, core: int, pe: int, entry: int, position: int, code4: int) -> int:
        """The weight behind a mask bit."""
        p = self.p
        mask = self.mask(core, pe, entry)
        below = [n for n in range(position) if mask >> n & 1]
        if p["Selector"] == 1:
            lane = position % p["Lanes"]
            below = [n for n in below if n % p["Lanes"] == lane]
            assert len(below) < p["CodeRow"] // p["Lanes"]
            number = lane * p["CodeRow"] // p["Lanes"] + len(below)
        else:
            number = len(below)
            assert number < p["CodeRow"]
        code = self.codes[core * p["Pes"] + pe, entry, number]
        region = self.lists[core, entry].region
        if code4:
            return self.books[core, region, code & 15]
        shift = self.books[core, region, 0] & 0xF
        return signed(signed(code, 8) << shift & 0xFFFF, 16)

    def compute(self, keep: int, bias: int, code4: int) -> None:
        p, counts = self.p, self.counts
        limit = 1 << (p["AccWidth"] - 1)
        place = {}
        streams = {}
        for core in range(p["Cores"]):
            windows = []
            at = 0
            for number, entries in enumerate(self.lists_of(core)):
                for y in range(self.outs[0]):
                    for x in range(self.outs[1]):
                        origin = (y * self.stride * self.w + x * self.stride) * self.cb
                        windows += [self.window_of(core, e, origin) for e in entries]
                        sums = [
                            sum(
                                self.act[origin + self.lists[core, e].offset, n]
                                * self.weight(core, pe, e, n, code4)
                                for e in entries
                                for n in range(p["Window"])
                                if self.mask(core, pe, e) >> n & 1
                            )
                            for pe in range(p["Pes"])
                        ]
                        for pe in range(p["Pes"]):
                            key = core * p["Pes"] + pe, at
                            total = sums[pe] + (self.acc[key] if keep else 0)
                            total += self.bias[key[0], number] if bias else 0
                            assert -limit <= total < limit
                            self.acc[key] = total
                            counts["psum_reads"] += keep
                            counts["psum_writes"] += 1
                        at += 1
            streams[core] = windows
            place[core] = at
        counts.update(Clock(self, streams, code4).run())

    def window_of(self, core: int, entry: int, origin: int) -> Window:
        """A window as it enters: survivors of each selector, by position."""
        p = self.p
        row = origin + self.lists[core, entry].offset
        assert row < self.h * self.w * self.cb
        selectors = p["Pes"] if p["Selector"] == 2 else 1
        left = []
        for pe in range(selectors):
            mask = self.mask(core, pe, entry)
            places = [n for n in range(p["Window"]) if mask >> n & 1]
            if p["Selector"] != 2:
                places = [n for n in places if self.act[row, n] != 0]
            left.append(places)
        return Window(entry, row, self.lists[core, entry].last, left)

    def results(self, one, shift: int, relu: int, packed: int) -> list[int]:
        p = self.p
        pixels = self.outs[0] * self.outs[1]
        words: list[int] = []
        units: list[int] = []
        for group in range(self.groups):
            core, number = group % p["Cores"], group // p["Cores"]
            for pixel in range(pixels):
                values = []
                for pe in range(p["Pes"]):
                    self.counts["psum_reads"] += 1
                    total = self.acc[core * p["Pes"] + pe, number * pixels + pixel]
                    values.append(rounded(total, shift, 16, bool(relu)) & 0xFFFF)
                if packed:
                    units.append(sum((value != 0) << n for n, value in enumerate(values)))
                    units += [value for value in values if value]
                else:
                    whole = sum(value << 16 * n for n, value in enumerate(values))
                    words += [whole >> 64 * n & (1 << 64) - 1 for n in range(-(-len(values) // 4))]
        for at in range(0, len(units), 4):
            words.append(sum(unit << 16 * n for n, unit in enumerate(units[at : at + 4])))
        assert len(words) == one.out_words
        self.counts["words_out"] += len(words)
        return words


class Strings:
    """The bit strings of a packet, one of each lane, as text; first bit first."""

    def __init__(self, p: dict[str, int]) -> None:
        self.row = p["CodeRow"]
        self.lanes = ["" for _ in range(min(p["HufLanes"], self.row))]

    def section(
        self, machine: Machine, pe: int, base: int, count: int, words: list[int]
    ) -> tuple[int, int]:
        """Decode a section into the codes of a PE; (words taken, ticks)."""
        number = len(self.lanes)
        assert machine.table or not count, "codes without a table"
        ends = [
            (row, first)
            for row in range(base, base + count)
            for first in range(0, self.row, number)
        ]
        taken = ticks = done = 0
        assert base + count <= machine.p["ListDepth"]
        while done < len(ends):
            ticks += 1
            ready = all(len(bits) >= 12 for bits in self.lanes)
            hungry = [n for n, bits in enumerate(self.lanes) if len(bits) < 32]
            if hungry:
                word = format(words[taken], "064b")[::-1]
                self.lanes[hungry[0]] += word
                taken += 1
            if ready:
                row, first = ends[done]
                for lane in range(min(number, self.row - first)):
                    machine.codes[pe, row, first + lane] = self.take(machine.table, lane)
                    machine.counts["wgt_writes"] += 1
                done += 1
        return taken, ticks

    def take(self, table: dict[str, int], lane: int) -> int:
        """The next symbol of a lane."""
        bits = self.lanes[lane]
        length = next(n for n in range(1, 13) if bits[:n] in table)
        self.lanes[lane] = bits[length:]
        return table[bits[:length]]

    def empty(self) -> bool:
        """Whether nothing but zeros is left."""
        return not any("1" in bits for bits in self.lanes)


@dataclass
class Window:
    """A window: positions that each selector has to take, lowest first."""

    entry: int
    row: int
    last: bool
    left: list[list[int]]


class Select:
    """A selector: of a core, or of a PE of it."""

    def __init__(self, clock: Clock, core: int, number: int) -> None:
        self.clock, self.core, self.number = clock, core, number
        self.held: list[Window] = []
        self.ended = 0  # outputs

    def vector(self) -> list[tuple[Window, int]] | None:
        """One cycle: what is taken (window, position); None: no vector."""
        if not self.held:
            return None
        p, first = self.clock.p, self.held[0]
        second = None if first.last or len(self.held) < 2 else self.held[1]
        taken = []
        if p["Selector"] == 1:
            for lane in range(p["Lanes"]):
                for window in (first, second):
                    mine = [n for n in window.left[0] if n % p["Lanes"] == lane] if window else []
                    if mine:
                        window.left[0].remove(mine[0])
                        taken.append((window, mine[0]))
                        break
        else:
            for window in (first, second):
                if window:
                    left = window.left[self.number]
                    while left and len(taken) < p["Lanes"]:
                        taken.append((window, left.pop(0)))
        over = False
        if not first.left[self.number]:
            over = first.last
            self.held.pop(0)
            if second and not second.left[self.number]:
                over = second.last
                self.held.pop(0)
        self.ended += over
        return taken if taken or over else None


class Clock:
    """A compute phase, cycle by cycle."""

    def __init__(self, machine: Machine, streams: dict[int, list[Window]], code4: int) -> None:
        self.machine, self.p, self.code4 = machine, machine.p, code4
        self.streams = {core: deque(windows) for core, windows in streams.items()}
        self.outputs = {
            core: sum(window.last for window in windows) for core, windows in streams.items()
        }
        self.counts: Counter[str] = Counter()
        number = self.p["Pes"] if self.p["Selector"] == 2 else 1
        self.selects = {core: [Select(self, core, n) for n in range(number)] for core in streams}

    def run(self) -> Counter[str]:
        p, counts = self.p, self.counts
        slots = p["Pes"] * p["Lanes"]
        t, ends = 0, None
        while ends is None or t < ends:
            over = {
                core: all(one.ended == self.outputs[core] for one in selects)
                for core, selects in self.selects.items()
            }
            everybody = all(over.values())
            for core, selects in self.selects.items():
                if over[core]:
                    counts["stall_input" if everybody else "stall_sync"] += slots
                else:
                    self.core(core, selects, t)
            if ends is None and all(
                one.ended == self.outputs[core]
                for core, selects in self.selects.items()
                for one in selects
            ):
                ends = t + END
            t += 1
        counts["cycles_compute"] = t
        counts["mac_slots"] = t * slots * p["Cores"]
        return counts

    def core(self, core: int, selects: list[Select], t: int) -> None:
        """A cycle of a core."""
        p, counts = self.p, self.counts
        share = p["Pes"] * p["Lanes"] // len(selects)
        done = min(one.ended for one in selects)
        for one in selects:
            if one.ended > done:
                counts["stall_sync"] += share
                continue
            vector = one.vector()
            if vector is None:
                counts["stall_input"] += share
                continue
            counts["vectors"] += 1
            pes = [one.number] if p["Selector"] == 2 else range(p["Pes"])
            counts["slot_empty"] += (p["Lanes"] - len(vector)) * len(pes)
            for window, position in vector:
                neuron = self.machine.act[window.row, position]
                for pe in pes:
                    weight = self.machine.weight(core, pe, window.entry, position, self.code4)
                    useful = neuron != 0 and weight != 0
                    counts["mac_useful" if useful else "slot_padding"] += 1
        if t >= T0 - 1 and self.streams[core] and all(len(one.held) < 2 for one in selects):
            window = self.streams[core].popleft()
            for one in selects:
                one.held.append(window)
            counts["windows"] += 1
            counts["empty_windows"] += not any(window.left)
            counts["wgt_reads"] += p["Pes"] * p["CodeRow"]
            counts["idx_reads"] += 1 + (p["Pes"] if p["Selector"] == 2 else 0)
            counts["act_reads"] += p["Window"]
