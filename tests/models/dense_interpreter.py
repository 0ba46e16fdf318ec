"""A second, independent reading of ``rtl/dense/README.md``: runs a Program in plain Python.

Shares no code with the compiler: packets are taken apart bit by bit from the text of the contract,
memories are dictionaries (reading what nobody wrote is an error), sums are Python integers, one
tap, channel and pixel at a time. It also refuses what the RTL refuses as GEOMETRY.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.models.eie_interpreter import MAGIC_A, MAGIC_W, rounded, signed


def lanes(words: list[int], count: int, width: int) -> list[int]:
    """``count`` signed values of ``width`` bits from stream words, low lane first."""
    value = sum(word << 64 * i for i, word in enumerate(words))
    assert value >> count * width == 0, "bits behind the last lane"
    return [signed(value >> i * width, width) for i in range(count)]


def kept(words: list[int], count: int, width: int, choices: int) -> list[tuple[int, int]]:
    """``count`` weights of ``width`` bits with the position above each, 1, 2 or 4 of them."""
    value = sum(word << 64 * i for i, word in enumerate(words))
    size = width + {1: 0, 2: 1, 4: 2}[choices]
    assert value >> count * size == 0, "bits behind the last weight"
    fields = [value >> i * size & ((1 << size) - 1) for i in range(count)]
    return [(signed(one & ((1 << width) - 1), width), one >> width) for one in fields]


class Machine:
    """The programmer's view of ``lac_dense``; ``run`` executes one pass and returns its words.

    counts: the counters of the last pass that do not depend on time; loads: packets taken.
    """

    def __init__(self, config) -> None:
        self.p = dict(config.parameters())
        grouped = (
            "GroupN" in self.p and "WgtFormat" not in self.p
        )  # there it is N:M of another kind
        self.choice = (self.p["GroupN"], self.p["GroupM"]) if grouped else (1, 1)
        self.inputs = self.p["Rows"] // self.choice[0] * self.choice[1]
        self.wgt: dict[int, Any] = {}  # lists of weights, or of them and what they choose
        self.bias: dict[int, list[int]] = {}
        self.act: dict[int, list[int]] = {}
        self.acc: dict[tuple[int, int], int] = {}  # (bank, address)
        self.counts: Counter[str] = Counter()
        self.loads: Counter[str] = Counter()

    def load_weights(self, words: list[int]) -> None:
        p = self.p
        assert words[0] >> 32 == MAGIC_W
        assert words[0] & 0xFFFFFFFF == len(words) - 1
        at, before = 1, 0
        while at < len(words):
            header = words[at]
            kind, base, count = header & 0xF, header >> 16 & 0xFFFFFF, header >> 40
            assert header >> 4 & 0xFFF == 0
            assert kind > before, "sections out of order"
            before = kind
            at += 1
            assert kind in (1, 2)
            assert base + count <= p["WgtDepth" if kind == 1 else "BiasDepth"]
            if kind == 1:
                width = p["WgtWidth"] + p["GroupM"].bit_length() - 1
                size = -(-p["Cols"] * width // 64)
                self.counts["wgt_writes"] += count
            else:
                size = -(-p["Cols"] // 2)
            for word in range(base, base + count):
                part = words[at : at + size]
                at += size
                if kind == 1:
                    self.wgt[word] = kept(part, p["Cols"], p["WgtWidth"], p["GroupM"])
                    continue
                self.bias[word] = lanes(part, p["Cols"], 32)
                assert all(signed(v, p["BiasWidth"]) == v for v in self.bias[word])
        assert at == len(words)

    def tiles(self, base: int, count: int) -> list[list[list[Any]]]:
        """Weights of a pass, and which of its inputs each takes: [tile][row][column]."""
        rows = self.p["Rows"]
        assert base + count * rows <= self.p["WgtDepth"]
        self.counts["wgt_reads"] += count * rows
        return [[self.wgt[base + k * rows + i] for i in range(rows)] for k in range(count)]

    def load_inputs(self, words: list[int], base: int, count: int) -> None:
        size = -(-self.inputs * self.p["ActWidth"] // 64)
        assert words[0] == MAGIC_A << 32 | count
        assert len(words) == 1 + count * size
        for i in range(count):
            part = words[1 + i * size : 1 + (i + 1) * size]
            self.act[base + i] = lanes(part, self.inputs, self.p["ActWidth"])
        self.counts["act_writes"] += count

    def run(self, one) -> list[int] | None:
        p = self.p
        cfg = [one.cfg.get(i, 0) for i in range(16)]
        mode, in_size, out_size, kernel, tiles, wgt_base, act_base, bias_base, shift = cfg[:9]
        assert not any(cfg[9:])
        assert mode & ~0b1_1100_1111 == 0
        h, w = in_size & 0xFFFF, in_size >> 16
        out_h, out_w = out_size & 0xFFFF, out_size >> 16
        r, s, stride = kernel & 0xFF, kernel >> 8 & 0xFF, kernel >> 16 & 0xF
        top, left = kernel >> 20 & 0xF, kernel >> 24 & 0xF
        assert kernel >> 28 == 0
        ct, kt = tiles & 0xFFFF, tiles >> 16
        assert min(h, w, out_h, out_w, r, s, stride, ct, kt) > 0
        assert kt * out_h * out_w <= p["AccDepth"]
        assert act_base + ct * h * w <= p["ActDepth"]
        keep, bias, relu = mode >> 6 & 1, mode >> 7 & 1, mode >> 8 & 1
        assert not (keep and bias)
        assert not bias or bias_base + kt <= p["BiasDepth"]
        assert shift < p["AccWidth"]
        self.counts = Counter()
        assert bool(mode & 1) == (one.wgt is not None)
        assert bool(mode & 2) == (one.act is not None)
        if mode & 1:
            self.loads["wgt"] += 1
            self.load_weights([int(word) for word in one.wgt])
        if mode & 2:
            self.loads["act"] += 1
            self.load_inputs([int(word) for word in one.act], act_base, ct * h * w)
        assert mode & 4, "every pass of the compiler computes"
        tiles = self.tiles(wgt_base, kt * r * s * ct)

        def read(c: int, y: int, x: int) -> list[int]:
            if not (0 <= y < h and 0 <= x < w):
                return [0] * self.inputs
            self.counts["act_reads"] += 1
            return self.act[act_base + (c * h + y) * w + x]

        for k in range(kt):
            order = [(a, b, c) for a in range(r) for b in range(s) for c in range(ct)]
            for number, (a, b, c) in enumerate(order):
                weights = tiles[((k * r + a) * s + b) * ct + c]
                for n in range(out_h * out_w):
                    y, x = n // out_w * stride + a - top, n % out_w * stride + b - left
                    fresh = None
                    if number == 0 and not keep:
                        fresh = self.bias[bias_base + k] if bias else [0] * p["Cols"]
                    self.add(k * out_h * out_w + n, read(c, y, x), weights, fresh)
        if not mode & 8:
            assert one.out_words == 0
            return None
        return self.results(one, kt * out_h * out_w, shift, bool(relu))

    def add(self, address: int, acts: list[int], weights, fresh) -> None:
        """One pixel of one tile into all banks; ``fresh``: what the sums start from, or None."""
        limit = 1 << (self.p["AccWidth"] - 1)
        for j in range(self.p["Cols"]):
            total = 0
            for i, row in enumerate(weights):
                value, place = row[j] if isinstance(row[j], tuple) else (row[j], 0)
                act = acts[i // self.choice[0] * self.choice[1] + place]
                total += act * value
                useful = act != 0 and value != 0
                self.counts["mac_useful" if useful else "slot_padding"] += 1
            if fresh is None:
                self.counts["psum_reads"] += 1
                total += self.acc[j, address]
            else:
                total += fresh[j]
            assert -limit <= total < limit
            self.acc[j, address] = total
            self.counts["psum_writes"] += 1

    def results(self, one, count: int, shift: int, relu: bool) -> list[int]:
        width, cols = self.p["ActWidth"], self.p["Cols"]
        size = -(-cols * width // 64)
        words = []
        for address in range(count):
            value = 0
            for j in range(cols):
                result = rounded(self.acc[j, address], shift, width, relu)
                value |= (result & ((1 << width) - 1)) << j * width
                self.counts["psum_reads"] += 1
            words += [value >> 64 * i & ((1 << 64) - 1) for i in range(size)]
        assert len(words) == one.out_words
        return words
