"""The build parameters and options of ``lac_scnn``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.build import check_ranges, need, rtl_parameters

#: Fields that are options of a run or of the compiler, not parameters of the RTL.
_OPTIONS = ("empty_free", "merging", "shapes", "kc", "dense_out", "row_fill")

#: field -> (lowest, highest) where a plain range says it all.
RANGES = {
    "pe_x": (1, 16),
    "pe_y": (1, 16),
    "acc_width": (20, 40),
    "banks": (8, 512),
    "entries": (8, 256),
    "max_kc": (4, 64),
    "row_vectors": (2, 8),
    "wgt_fifo": (4, 256),
    "iaram_rows": (8, 65536),
    "count_width": (4, 12),
    "max_c": (8, 4096),
    "wgt_depth": (16, 1 << 24),
    "max_taps": (1, 255),
    "bias_depth": (1, 65536),
    "bias_width": (2, 32),
    "carry_depth": (1, 65536),
    "lane_depth": (1, 8),
    "xbar_grants": (1, 2),
    "look_ahead": (1, 4),
    "bank_depth": (1, 8),
    "bank_map": (0, 2),
    "merge": (0, 1),
}
#: Multipliers, and accumulator banks of a set, of all PEs.
MOST = 32768
_SIZES = (2, 4, 8, 16)


def _power(number: int) -> bool:
    return number & (number - 1) == 0


@dataclass(frozen=True)
class ScnnConfig:
    """One build of ``lac_scnn``; the fields are its parameters in snake_case.

    Six options on top:

    empty_free  a channel without weights or without activations takes no slot (off: one)
    merging     equal addresses of a step are added before the crossbar (needs ``merge``)
    shapes      the compiler may run F x I multipliers as 2F x I/2 and 4F x I/4 (off: F x I)
    kc          output channels of a group; 0: the compiler chooses, layer by layer
    dense_out   results leave as dense words (off: compressed)
    row_fill    vectors that the compiler puts into a row of weights; 0: row_vectors

    Raises ValueError naming the field, the value and what is allowed.

    >>> ScnnConfig(pe_x=2, pe_y=1).parameters()["PeX"], ScnnConfig().lin_size(8)
    (2, 128)
    """

    pe_x: int = 8
    pe_y: int = 8
    f: int = 4
    i: int = 4
    data_width: int = 64
    act_width: int = 16
    wgt_width: int = 16
    run_width: int = 4
    acc_width: int = 24
    banks: int = 32
    entries: int = 32
    max_kc: int = 64
    row_vectors: int = 8
    wgt_fifo: int = 64
    iaram_rows: int = 1024
    count_width: int = 8
    max_c: int = 1024
    wgt_depth: int = 8192
    max_taps: int = 128
    bias_depth: int = 1024
    bias_width: int = 24
    carry_depth: int = 2048
    lane_depth: int = 3
    xbar_grants: int = 2
    look_ahead: int = 1
    bank_depth: int = 4
    bank_map: int = 0
    merge: int = 1
    empty_free: bool = True
    merging: bool = False
    shapes: bool = True
    kc: int = 0
    dense_out: bool = False
    row_fill: int = 0

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        need(self, self.f in _SIZES, "f", "2, 4, 8 or 16")
        need(self, self.i in _SIZES, "i", "2, 4, 8 or 16")
        need(self, self.data_width == 64, "data_width", "64")
        need(self, self.act_width == 16, "act_width", "16")
        need(self, self.wgt_width == 16, "wgt_width", "16")
        need(self, self.run_width == 4, "run_width", "4")
        most = MOST // (self.pe_x * max(self.lanes, self.banks))
        need(self, self.pe_y <= most, "pe_y", f"1..{most} (PEs times multipliers, banks)")
        for name in ("banks", "entries", "max_kc"):
            need(self, _power(getattr(self, name)), name, "a power of two")
        most = self.entries * 4
        need(self, self.max_kc <= most, "max_kc", f"4..{most} (entries)")
        vectors = self.row_vectors
        sizes = [size for size in (2, 4, 8) if size >= self.vectors]
        need(self, vectors in sizes, "row_vectors", ", ".join(map(str, sizes)))
        need(self, 0 <= self.row_fill <= vectors, "row_fill", f"0..{vectors} (row_vectors)")
        good = self.wgt_fifo % vectors == 0 and self.wgt_fifo >= 2 * vectors
        need(self, good, "wgt_fifo", f"a multiple of {vectors} from {2 * vectors} to 256")
        need(self, self.max_c % 8 == 0, "max_c", "a multiple of 8")
        most = self.lane_depth
        need(self, self.look_ahead <= most, "look_ahead", f"1..{min(4, most)} (lane_depth)")
        low = self.xbar_grants
        need(self, self.bank_depth >= low, "bank_depth", f"{low}..8 (xbar_grants)")
        need(self, not self.merging or self.merge == 1, "merging", "False (merge is 0)")
        allowed = [0, *(1 << n for n in range(2, self.max_kc.bit_length()))]
        need(self, self.kc in allowed, "kc", ", ".join(map(str, allowed)))

    @property
    def pes(self) -> int:
        """PEs."""
        return self.pe_x * self.pe_y

    @property
    def lanes(self) -> int:
        """M, multipliers of a PE."""
        return self.f * self.i

    @property
    def multipliers(self) -> int:
        """Multipliers of all PEs."""
        return self.pes * self.lanes

    @property
    def vectors(self) -> int:
        """MaxVec, most vectors of a step."""
        return min(4, self.i)

    @property
    def filled(self) -> int:
        """Vectors that the compiler puts into a row of the weight buffer."""
        return self.row_fill or self.row_vectors

    @property
    def max_block(self) -> int:
        """Most vectors of a block: whatever of its first row it has, its last row is taken."""
        return self.wgt_fifo - self.row_vectors + 1

    @property
    def max_count(self) -> int:
        """Most entries of a channel in a PE."""
        return (1 << self.count_width) - 1

    @property
    def row_words(self) -> int:
        """Stream words of a row of the weight buffer."""
        return -(-(16 + (12 + 20 * self.f) * self.row_vectors) // 64)

    @property
    def act_row_words(self) -> int:
        """Stream words of a row of activations."""
        return -(-20 * self.i // 64)

    @property
    def carry_lanes(self) -> int:
        """Carried sums in a stream word."""
        return 2 if self.acc_width <= 32 else 1

    def lin_size(self, kc: int) -> int:
        """Places of the accumulator tile for each of ``kc`` output channels."""
        return self.banks // 4 * (self.entries * 4 // kc)

    @property
    def shape_range(self) -> range:
        """Operand shapes that the compiler may choose."""
        return range(self.vectors.bit_length()) if self.shapes else range(1)

    @property
    def kc_choices(self) -> list[int]:
        """Sizes of a group that the compiler may choose."""
        sizes = [1 << n for n in range(2, self.max_kc.bit_length())]
        return [self.kc] if self.kc else sizes

    def parameters(self) -> dict[str, int]:
        """RTL parameters by their name in ``lac_scnn``."""
        return rtl_parameters(self, _OPTIONS)

    def plain(self) -> ScnnConfig:
        """The same build run as published: F x I only, eight output channels in a group."""
        return replace(self, shapes=False, kc=min(8, self.max_kc), merging=False)
