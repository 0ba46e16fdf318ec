"""The build parameters and run-time options of ``lac_eie``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.build import check_ranges, need, rtl_parameters

#: Fields that are options of a run or of the compiler, not parameters of the RTL.
_OPTIONS = ("skip_empty", "fuse_pad", "balance")

#: field -> (lowest, highest) where a plain range says it all.
_RANGES = {
    "num_pe": (1, 256),
    "queue_depth": (1, (1 << 16) - 1),
    "desc_depth": (1, (1 << 16) - 1),
    "wgt_width": (2, 16),
    "acc_width": (9, 48),
    "code_width": (1, 8),
    "idx_width": (1, 8),
    "spmat_width": (4, 2048),
    "spmat_depth": (1, (1 << 24) - 1),
    "ptr_depth": (2, 1 << 24),
    "ptr_width": (1, 32),
    "act_regs": (1, 4096),
    "act_depth": (1, 1 << 24),
    "bias_depth": (1, (1 << 16) - 1),
    "bias_width": (2, 32),
    "num_codebooks": (1, 16),
    "file_mem": (0, 1),
}


@dataclass(frozen=True)
class EieConfig:
    """One build of ``lac_eie``; the fields are its parameters in snake_case.

    Three options on top, all of them gains over the published machine that can be switched off:

    skip_empty   an empty column slice takes no slot (MODE bit 9)
    fuse_pad     padding next to a real entry takes no slot (MODE bit 10)
    balance      the compiler spreads rows over the PEs by load instead of row mod num_pe

    Raises ValueError naming the field, the value and what is allowed.

    >>> EieConfig(num_pe=4).parameters()["NumPe"], EieConfig().entries_per_row
    (4, 8)
    """

    num_pe: int = 64
    queue_depth: int = 8
    desc_depth: int = 2
    data_width: int = 64
    act_width: int = 16
    wgt_width: int = 16
    acc_width: int = 32
    code_width: int = 4
    idx_width: int = 4
    spmat_width: int = 64
    spmat_depth: int = 16384
    ptr_depth: int = 16384
    ptr_width: int = 18
    act_regs: int = 64
    act_depth: int = 1024
    bias_depth: int = 256
    bias_width: int = 32
    num_codebooks: int = 4
    file_mem: int = 0
    skip_empty: bool = True
    fuse_pad: bool = True
    balance: bool = True

    def __post_init__(self) -> None:
        check_ranges(self, _RANGES)
        need(self, self.num_pe & (self.num_pe - 1) == 0, "num_pe", "a power of two")
        need(self, self.data_width == 64, "data_width", "64")
        need(self, self.act_width in (8, 16), "act_width", "8 or 16")
        low = self.act_width + self.wgt_width - 1  # a product must fit
        need(self, self.acc_width >= low, "acc_width", f"{low}..48")
        need(
            self,
            self.bias_width <= self.acc_width,
            "bias_width",
            f"1..{self.acc_width} (acc_width)",
        )
        need(self, self.ptr_depth % 2 == 0, "ptr_depth", "an even number")
        entry = self.entry_width
        per_row = self.spmat_width // entry
        need(
            self,
            self.spmat_width % entry == 0 and per_row in [1 << n for n in range(1, 8)],
            "spmat_width",
            f"2, 4, 8 .. 128 entries of {entry} bits",
        )
        most = (1 << 30) // self.num_pe  # lengths of vectors are counted in 31 bits
        need(self, self.act_depth <= most, "act_depth", f"1..{most} (num_pe)")

    @property
    def entry_width(self) -> int:
        """Bits of an entry: ``{idx, code}``."""
        return self.code_width + self.idx_width

    @property
    def entries_per_row(self) -> int:
        """Entries in a weight SRAM row."""
        return self.spmat_width // self.entry_width

    @property
    def max_entries(self) -> int:
        """Entries a PE can hold and point past."""
        return min(self.spmat_depth * self.entries_per_row, (1 << self.ptr_width) - 1)

    @property
    def lanes(self) -> int:
        """Activations in a stream word."""
        return self.data_width // self.act_width

    def parameters(self) -> dict[str, int]:
        """RTL parameters by their name in ``lac_eie``."""
        return rtl_parameters(self, _OPTIONS)

    def holding(self, values: int) -> EieConfig:
        """The build with codes wide enough for so many different weights, zero counted: this one,
        or one with 8-bit codes and indices in the same rows. That holds 256, and there is no wider.

        >>> EieConfig().holding(16).code_width, EieConfig().holding(17).code_width
        (4, 8)
        """
        if values <= 1 << self.code_width:
            return self
        return replace(self, code_width=8, idx_width=8)

    def plain(self) -> EieConfig:
        """The same build run as published: all options off."""
        return replace(self, **dict.fromkeys(_OPTIONS, False))
