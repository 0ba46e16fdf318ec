"""The build parameters and options of ``lac_flexflow_pro``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.build import check_ranges, need, rtl_parameters

#: Fields that are options of a run or of the compiler, not parameters of the RTL.
_OPTIONS = (
    "relaxed",
    "balance",
    "objective",
    "kind",
    "maps",
    "groups_log",
    "act_threshold",
    "wgt_threshold",
)

#: field -> (lowest, highest) where a plain range says it all.
RANGES = {
    "cols": (2, 32),
    "k_cells": (1, 64),
    "n_cells": (2, 64),
    "fifo_depth": (1, 64),
    "bus_words": (1, 2),
    "act_depth": (2, 65536),
    "acc_depth": (1, 65536),
    "acc_width": (17, 48),
    "bias_width": (2, 32),
    "act_threshold": (0, 65535),
    "wgt_threshold": (0, 32768),
}
BALANCES = ("off", "layer", "group")
#: What the compiler makes least: cycles of computing, or those of loading and answering, too.
OBJECTIVES = ("compute", "total")
#: What a piece is: an input channel at a row of the kernel, or at a tap of it.
KINDS = ("rows", "taps")


@dataclass(frozen=True)
class FlexflowProConfig:
    """One build of ``lac_flexflow_pro``; the fields are its parameters in snake_case.

    Options on top:

    relaxed     PEs go on as soon as they can (off: in lock step, as FlexFlow)
    balance     pieces to columns: "off" in turn, "layer" by the load of all output maps, "group" by
                that of the maps of a pass, so that their activations come again for every group;
                with either, maps of like load go together; "": the compiler chooses one of the two
    objective   what its choices make least: cycles that "compute", or in "total", streams included
    kind        what a piece is, of ``KINDS``; "": the compiler chooses, layer by layer
    maps        output maps of a row in a pass; 0: the compiler chooses
    groups_log  log2 of the groups of pixels; -1: the compiler chooses
    act_threshold, wgt_threshold   largest absolute value that counts as zero

    Raises ValueError naming the field, the value and what is allowed.

    >>> FlexflowProConfig(rows=2, cols=3).parameters()["MaskWord"], FlexflowProConfig().multipliers
    (16, 256)
    """

    rows: int = 16
    cols: int = 16
    data_width: int = 64
    mask_word: int = 16
    k_cells: int = 9
    n_cells: int = 12
    fifo_depth: int = 2
    bus_words: int = 2
    max_maps: int = 4
    act_depth: int = 512
    acc_depth: int = 1024
    acc_width: int = 48
    bias_width: int = 32
    relaxed: bool = True
    balance: str = ""
    objective: str = "total"
    kind: str = ""
    maps: int = 0
    groups_log: int = -1
    act_threshold: int = 0
    wgt_threshold: int = 0

    def __post_init__(self) -> None:
        check_ranges(self, RANGES)
        need(self, self.rows in (2, 4, 8, 16, 32), "rows", "2, 4, 8, 16 or 32")
        need(self, self.data_width == 64, "data_width", "64")
        need(self, self.mask_word in (4, 8, 16), "mask_word", "4, 8 or 16")
        need(self, self.max_maps in (2, 4, 6, 8), "max_maps", "2, 4, 6 or 8")
        most = min(32, self.acc_width)
        need(self, self.bias_width <= most, "bias_width", f"2..{most} (acc_width)")
        need(self, self.balance in ("", *BALANCES), "balance", f"{', '.join(BALANCES)} or nothing")
        need(self, self.objective in OBJECTIVES, "objective", " or ".join(OBJECTIVES))
        need(self, self.kind in ("", *KINDS), "kind", f"{', '.join(KINDS)} or nothing")
        check_ranges(self, {"maps": (0, self.max_maps), "groups_log": (-1, self.most_groups_log)})

    @property
    def act_width(self) -> int:
        """Bits of an activation."""
        return 16

    @property
    def wgt_width(self) -> int:
        """Bits of a weight."""
        return 16

    @property
    def multipliers(self) -> int:
        """PEs, each with one multiplier."""
        return self.rows * self.cols

    @property
    def most_groups_log(self) -> int:
        """GROUPS_LOG with a row for each group."""
        return self.rows.bit_length() - 1

    @property
    def cell_words(self) -> int:
        """Stream words of a cell."""
        return self.mask_word // 4

    @property
    def result_words(self) -> int:
        """Stream words of a result of all rows."""
        return -(-self.rows * self.act_width // 64)

    def parameters(self) -> dict[str, int]:
        """RTL parameters by their name in ``lac_flexflow_pro``."""
        return rtl_parameters(self, _OPTIONS)

    def tuned(self) -> FlexflowProConfig:
        """The same build, mapped for the fewest cycles of computing."""
        return replace(self, objective="compute")

    def plain(self) -> FlexflowProConfig:
        """That with pieces and maps in the order in which they come."""
        return replace(self.tuned(), balance="off")

    def lock_step(self) -> FlexflowProConfig:
        """That as FlexFlow: PEs in lock step."""
        return replace(self.plain(), relaxed=False)
