"""A second, independent reading of ``rtl/eie/README.md``: runs a Program in plain Python.

Shares no code with the compiler: packets are taken apart bit by bit from the text of the contract,
memories are dictionaries (reading what nobody wrote is an error), sums are Python integers.
"""

from __future__ import annotations

MAGIC_W = 0x4C414357
MAGIC_A = 0x4C414341


def signed(value: int, width: int) -> int:
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def rounded(acc: int, shift: int, width: int, relu: bool) -> int:
    """Round half away from zero, saturate, ReLU."""
    magnitude = abs(acc)
    if shift:
        magnitude = (magnitude + (1 << (shift - 1))) >> shift
    value = magnitude if acc >= 0 else -magnitude
    value = max(-(1 << (width - 1)), min((1 << (width - 1)) - 1, value))
    return max(value, 0) if relu else value


class Machine:
    """The programmer's view of ``lac_eie``; ``run`` executes one pass and returns its words."""

    def __init__(self, config) -> None:
        self.p = config.parameters()
        self.codebooks: dict[int, list[int]] = {}
        self.pointers: dict[tuple[int, int], int] = {}
        self.rows: dict[tuple[int, int], int] = {}
        self.bias: dict[tuple[int, int], int] = {}
        self.act: dict[tuple[int, int], int] = {}
        self.files: list[dict[int, int]] = [{}, {}]  # position -> accumulator
        self.file_mode = [(0, False), (0, False)]  # SHIFT and RELU of the pass that wrote
        self.source = 0
        self.loads = 0
        self.macs = 0

    def load_weights(self, words: list[int]) -> None:
        p = self.p
        assert words[0] >> 32 == MAGIC_W
        assert words[0] & 0xFFFFFFFF == len(words) - 1
        self.loads += 1
        at, before = 1, (0, -1)
        row_words = -(-p["SpmatWidth"] // 64)
        while at < len(words):
            header = words[at]
            kind, pe = header & 0xF, header >> 4 & 0xFFF
            base, count = header >> 16 & 0xFFFFFF, header >> 40
            assert (kind, pe) > before, "sections out of order"
            assert pe < p["NumPe"]
            before = (kind, pe)
            at += 1
            if kind == 1:
                assert pe == 0 and count == 1 << p["CodeWidth"] and base < p["NumCodebooks"]
                size = -(-count // 4)
                book = [signed(words[at + i // 4] >> 16 * (i % 4), 16) for i in range(count)]
                assert book[0] == 0
                assert all(signed(v, p["WgtWidth"]) == v for v in book)
                self.codebooks[base] = book
            elif kind == 2:
                assert base % 2 == 0 and base + count <= p["PtrDepth"]
                size = -(-count // 2)
                for i in range(count):
                    value = words[at + i // 2] >> 32 * (i % 2) & 0xFFFFFFFF
                    assert value < 1 << p["PtrWidth"]
                    self.pointers[pe, base + i] = value
                assert count % 2 == 0 or words[at + size - 1] >> 32 == 0
            elif kind == 3:
                assert base + count <= p["SpmatDepth"]
                size = count * row_words
                for i in range(count):
                    part = words[at + i * row_words : at + (i + 1) * row_words]
                    value = sum(word << 64 * k for k, word in enumerate(part))
                    assert value >> p["SpmatWidth"] == 0
                    self.rows[pe, base + i] = value
            else:
                assert kind == 4 and base + count <= p["BiasDepth"]
                size = -(-count // 2)
                for i in range(count):
                    value = signed(words[at + i // 2] >> 32 * (i % 2), 32)
                    assert signed(value, p["BiasWidth"]) == value
                    self.bias[pe, base + i] = value
            at += size
        assert at == len(words)

    def load_inputs(self, words: list[int], in_len: int, base: int) -> None:
        width, num_pe = self.p["ActWidth"], self.p["NumPe"]
        lanes = 64 // width
        assert words[0] == MAGIC_A << 32 | in_len
        assert len(words) == 1 + -(-in_len // lanes)
        assert base + -(-in_len // num_pe) <= self.p["ActDepth"]
        for q in range(lanes * (len(words) - 1)):
            value = signed(words[1 + q // lanes] >> width * (q % lanes), width)
            if q < in_len:
                self.act[q % num_pe, base + q // num_pe] = value
            else:
                assert value == 0

    def column(self, pe: int, begin: int, end: int):
        """(local row, weight code) of every entry of a slice."""
        p = self.p
        width = p["CodeWidth"] + p["IdxWidth"]
        per_row = p["SpmatWidth"] // width
        assert begin <= end <= p["SpmatDepth"] * per_row
        local = -1
        for position in range(begin, end):
            row = self.rows[pe, position // per_row]
            entry = row >> width * (position % per_row) & ((1 << width) - 1)
            local += (entry >> p["CodeWidth"]) + 1
            yield local, entry & ((1 << p["CodeWidth"]) - 1)

    def run(self, one) -> list[int] | None:
        p = self.p
        num_pe = p["NumPe"]
        cfg = [one.cfg.get(i, 0) for i in range(16)]
        mode, in_len, out_len, ptr_base, act_base, bias_base, book, shift = cfg[:8]
        bit = [mode >> i & 1 for i in range(11)]
        assert mode >> 11 == 0 and not any(cfg[8:])
        assert bool(bit[0]) == (one.wgt is not None)
        assert bool(bit[1]) == (one.act is not None)
        if bit[0]:
            self.load_weights([int(word) for word in one.wgt])
        if bit[1]:
            self.load_inputs([int(word) for word in one.act], in_len, act_base)
        assert bit[2], "every pass of the compiler computes"
        assert ptr_base % 2 == 0 and ptr_base + in_len + 1 <= p["PtrDepth"]
        assert 1 <= out_len <= p["ActRegs"] * num_pe and 0 <= shift < p["AccWidth"]
        inputs = self.inputs(in_len, act_base, bool(bit[5]))
        dest = 1 - self.source
        relu = bool(bit[8])
        if bit[6]:
            assert self.file_mode[dest] == (shift, relu)
            acc = self.files[dest]
            assert not bit[7]
        else:
            acc = dict.fromkeys(range(out_len), 0)
            if bit[7]:
                acc = {q: self.bias[q % num_pe, bias_base + q // num_pe] for q in acc}
        limit = 1 << (p["AccWidth"] - 1)
        for pe in range(num_pe):
            for j, value in enumerate(inputs):
                begin = self.pointers[pe, ptr_base + j]
                end = self.pointers[pe, ptr_base + j + 1]
                if value == 0:
                    continue
                for local, code in self.column(pe, begin, end):
                    q = local * num_pe + pe
                    assert q < out_len
                    if code:
                        acc[q] += self.codebooks[book][code] * value
                        self.macs += 1
                        assert -limit <= acc[q] < limit
        self.files[dest] = acc
        self.file_mode[dest] = (shift, relu)
        result = self.output(out_len, dest) if bit[3] else None
        assert (0 if result is None else len(result)) == one.out_words
        if bit[4]:
            self.source = dest
        return result

    def inputs(self, in_len: int, base: int, from_file: bool) -> list[int]:
        num_pe = self.p["NumPe"]
        if not from_file:
            return [self.act[q % num_pe, base + q // num_pe] for q in range(in_len)]
        assert in_len <= self.p["ActRegs"] * num_pe
        how = self.file_mode[self.source]
        return [self.read(self.source, q, *how) for q in range(in_len)]

    def read(self, which: int, q: int, shift: int, relu: bool) -> int:
        return rounded(self.files[which][q], shift, self.p["ActWidth"], relu)

    def output(self, out_len: int, dest: int) -> list[int]:
        width = self.p["ActWidth"]
        lanes = 64 // width
        words = [0] * -(-out_len // lanes)
        for q in range(out_len):
            value = self.read(dest, q, *self.file_mode[dest])
            words[q // lanes] |= (value & ((1 << width) - 1)) << width * (q % lanes)
        return words


def execute(program, config) -> tuple[list[list[int]], Machine]:
    """Result packets of a program, and the machine it ran on."""
    machine = Machine(config)
    packets = [machine.run(one) for one in program.passes]
    return [packet for packet in packets if packet is not None], machine
