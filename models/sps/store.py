"""How SPS keeps its weights: steps of tiles without zeros between them, patterns in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.array.config import ArrayConfig
from models.array.lowering import spans
from models.array.packets import BIAS_LANE, MAX_SIZE, weight_section
from models.array.problem import Ints, Lowered, Span
from models.array.store import Tables, Tiles, WeightStore
from models.array.timing import tile_interval
from models.dense.store import DenseBuffer
from models.packets import Section, row_words, split_sections
from models.registers import Field
from models.sps import registers
from models.sps.arrange import Arrangement, Options, arrange, steps
from models.sps.config import SpsConfig
from models.sps.packets import (
    dir_section,
    entry_bits,
    kres_section,
    pos_section,
    rres_section,
    table_words,
)
from models.sps.patterns import Bools
from models.sps.registers import REGISTERS, Kind


class SpsTables(Tables):
    """What tables hold as a program goes on: patterns of a piece of the kernel, residues of all
    tiles where there is room for them, otherwise of the pass.
    """

    def __init__(self, tiles: SpsTiles) -> None:
        self.tiles = tiles
        self.held: dict[Kind, tuple[Span, ...]] = {}

    def needs(
        self, kt: Span, ct: Span, r: Span, s: Span
    ) -> tuple[Mapping[Field, int], list[Section]]:
        arranged, made = self.tiles.arranged, []
        if self._new(Kind.DIR, r, s):
            used = self.tiles.used(r, s)
            places = np.nonzero(used)[1]
            dy, dx = np.divmod(places, s[1] - s[0])
            made.append(dir_section(0, used.sum(axis=1)))
            made += [pos_section(0, dy, dx)] if places.size else []
        kt_base, k = self._part(kt, len(arranged.kres), self.tiles.most[0])
        ct_base, c = self._part(ct, len(arranged.rres), self.tiles.most[1])
        if self._new(Kind.KRES, k):
            made.append(kres_section(0, arranged.kres[slice(*k)]))
        if self._new(Kind.RRES, c):
            made.append(rres_section(0, arranged.rres[slice(*c)]))
        own = {
            registers.PERIOD: arranged.period,
            registers.TABLES_KRES_BASE: kt_base,
            registers.TABLES_RRES_BASE: ct_base,
        }
        return own, made

    def _new(self, kind: Kind, *what: Span) -> bool:
        new = self.held.get(kind) != what
        self.held[kind] = what
        return new

    @staticmethod
    def _part(span: Span, whole: int, room: int) -> tuple[int, Span]:
        """(base of the pass, span that is to be in the table)."""
        return (span[0], (0, whole)) if whole <= room else (0, span)


class SpsTiles(Tiles):
    """The weight tiles of an arranged layer.

    low  the layer as arranged: KT*Cols outputs, CT*Rows channels
    """

    unit = "rows"

    def __init__(self, low: Lowered, config: ArrayConfig, arranged: Arrangement) -> None:
        assert isinstance(config, SpsConfig)
        super().__init__(low, config)
        self.config: SpsConfig = config
        self.arranged = arranged
        self.tile_words = config.rows
        self.steps = cache(self._steps)
        self._largest = cache(self._find_largest)
        rows = arranged.tiles * config.rows
        self.stream_words = rows * row_words(config.cols, config.wgt_width)

    @classmethod
    def of(cls, low: Lowered, config: ArrayConfig, options: Options | None = None) -> SpsTiles:
        """Of a layer as it comes."""
        assert isinstance(config, SpsConfig)
        arranged = arrange(low, config, options or Options(), cls)
        return cls(arranged.applied(low), config, arranged)

    @property
    def most(self) -> tuple[int, int, int]:
        config = self.config
        return min(config.max_kt, MAX_SIZE), min(config.max_ct, MAX_SIZE), config.kernel_size

    def used(self, r: Span, s: Span) -> Bools:
        """Positions of a piece of the kernel, bool [P, taps of the piece]."""
        taps_r, taps_s = self.low.weights.shape[2:]
        whole = self.arranged.used.reshape(-1, taps_r, taps_s)
        return whole[:, r[0] : r[1], s[0] : s[1]].reshape(self.arranged.period, -1)

    def _steps(self, r: Span, s: Span) -> Ints:
        """int64 [KT, CT]."""
        return steps(self.arranged, self.used(r, s))

    def pieces(self, r: int, s: int) -> list[tuple[Span, Span]]:
        """The kernel in pieces of ``r`` x ``s`` taps."""
        taps_r, taps_s = self.low.weights.shape[2:]
        return [(one, two) for one in spans(taps_r, r) for two in spans(taps_s, s)]

    def fits(self, r: int, s: int) -> bool:
        return all(
            self.used(*piece).sum() <= self.config.table_depth for piece in self.pieces(r, s)
        )

    def total(self, r: int, s: int) -> int:
        return sum(int(self.steps(*piece).sum()) for piece in self.pieces(r, s))

    def number(self, kt: Span, ct: Span, r: Span, s: Span) -> int:
        return int(self.steps(r, s)[slice(*kt), slice(*ct)].sum())

    def block_words(self, kt: Ints, ct: Ints, r: int, s: int) -> Ints:
        find = np.vectorize(lambda k, c: self._largest(int(k), int(c), r, s), otypes=[np.int64])
        return np.asarray(find(kt, ct)) * self.tile_words

    def _find_largest(self, kt: int, ct: int, r: int, s: int) -> int:
        """Tiles of the largest block of these sizes."""
        largest = 0
        for piece in self.pieces(r, s):
            found = self.steps(*piece)
            if (found == found[0, 0]).all():
                largest = max(largest, int(found[0, 0]) * kt * ct)
                continue
            by_k = np.add.reduceat(found, np.arange(0, len(found), kt), axis=0)
            blocks = np.add.reduceat(by_k, np.arange(0, found.shape[1], ct), axis=1)
            largest = max(largest, int(blocks.max()))
        return largest

    def interval(self, pixels: int) -> float:
        return tile_interval(pixels, self.config)

    def tables(self) -> SpsTables:
        return SpsTables(self)

    def sections(self, base: int, kt: Span, ct: Span, r: Span, s: Span) -> list[Section]:
        return [weight_section(base, self.rows(kt, ct, r, s), self.config)]

    def rows(self, kt: Span, ct: Span, r: Span, s: Span) -> Ints:
        """Weights of a block in the order of the scan, int64 [T, Rows, Cols]."""
        config, arranged = self.config, self.arranged
        number = self.steps(r, s)[slice(*kt), slice(*ct)]
        begins = (np.cumsum(number) - number.ravel()).reshape(number.shape)
        made = np.zeros((int(number.sum()), config.rows, config.cols), dtype=np.int64)
        part = self.low.weights[:, :, r[0] : r[1], s[0] : s[1]]
        part = part.reshape(-1, config.cols, len(arranged.rres), config.rows, self.taps(r, s))
        places = _places(self.used(r, s))
        lanes, outs = np.arange(config.rows)[:, None], np.arange(config.cols)
        kres, rres = arranged.kres[slice(*kt)], arranged.rres[slice(*ct)]
        for residue in np.unique(kres):
            of = np.flatnonzero(kres == residue)
            for at in range(len(rres)):
                step = np.arange(number[of[0], at])[:, None]
                found = places[(residue + rres[at]) % arranged.period, step]  # [steps, Rows]
                picked = part[
                    (kt[0] + of)[:, None, None, None],
                    outs,
                    ct[0] + at,
                    lanes,
                    np.maximum(found, 0)[:, :, None],
                ]
                into = begins[of, at][:, None] + step.ravel()
                made[into] = np.where(found[:, :, None] >= 0, picked, 0)
        return made

    @staticmethod
    def taps(r: Span, s: Span) -> int:
        """Positions in a piece of the kernel."""
        return (r[1] - r[0]) * (s[1] - s[0])


def _places(used: Bools) -> Ints:
    """Position of each step by residue, -1 past the last: int64 [P, at least 1].

    >>> _places(np.array([[0, 1, 1], [1, 0, 0]], dtype=bool)).tolist()
    [[1, 2], [0, -1]]
    """
    sizes = used.sum(axis=1)
    made = np.full((len(used), max(1, int(sizes.max()))), -1, dtype=np.int64)
    made[np.arange(made.shape[1]) < sizes[:, None]] = np.nonzero(used)[1]
    return made


class SpsBuffer(DenseBuffer):
    """The dense design's buffer, in packets with tables."""

    def sections(self, words: NDArray[np.uint64]) -> Iterator[Section]:
        return split_sections(words, Kind, self._payload)

    def _payload(self, kind: Kind, count: int) -> int:
        if kind == Kind.WEIGHT:
            return self.section_words(count)
        if kind == Kind.BIAS:
            return count * row_words(self.config.cols, BIAS_LANE)
        return table_words(kind, count, self.config)

    def table_bits(self, section: Section) -> int:
        return section.count * entry_bits(section.kind, self.config)


SPS = WeightStore("sps", REGISTERS, SpsTiles.of, SpsBuffer)
