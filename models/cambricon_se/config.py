"""The build parameters and options of ``lac_cambricon_se``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from models.build import check_ranges, need, rtl_parameters

#: Fields that are options of a run or of the compiler, not parameters of the RTL.
_OPTIONS = ("kind", "codes", "balance", "loads", "packed_in", "packed_out", "huffman")

#: field -> (lowest, highest) where a plain range says it all.
RANGES = {
    "selector": (0, 2),
    "act_depth": (2, 65536),
    "list_depth": (2, 65536),
    "regions": (1, 16),
    "acc_depth": (1, 65536),
    "acc_width": (17, 48),
    "bias_depth": (1, 4096),
    "bias_width": (2, 32),
}
#: What a place of a window is: a channel, a channel at a row of the kernel or at a tap of it.
KINDS = ("channels", "rows", "taps")


class Selector(IntEnum):
    """Builds of the selector.

    PACKED   one for all PEs of a core, survivors in order
    NATURAL  the same, a lane takes only positions that are its number modulo Lanes
    PER_PE   one for each PE with masks of its own, neurons of 0 are multiplied (like Cambricon-X)
    """

    PACKED = 0
    NATURAL = 1
    PER_PE = 2


@dataclass(frozen=True)
class CambriconSeConfig:
    """One build of ``lac_cambricon_se``; the fields are its parameters in snake_case.

    Options on top:

    kind        what a place of a window is, of ``KINDS``; "": the compiler chooses, layer by layer,
                as it does where a layer has not that kind
    codes       bits of a code, 4 or 8; 0: 8 where the weights fit, else 4, else 8 in two steps
    balance     groups to cores by their work (off: as they come)
    loads       whether cycles of loading count in that choice
    packed_in, packed_out   activations, results without their zeros on the stream
    huffman     codes of the weights as bit strings, in packets that are shorter so

    Raises ValueError naming the field, the value and what is allowed.

    >>> CambriconSeConfig(cores=1, pes=4).parameters()["Pes"], CambriconSeConfig().multipliers
    (4, 512)
    """

    cores: int = 2
    pes: int = 16
    lanes: int = 16
    window: int = 128
    code_row: int = 64
    selector: int = 0
    act_depth: int = 1024
    list_depth: int = 256
    regions: int = 16
    acc_depth: int = 1024
    acc_width: int = 48
    bias_depth: int = 64
    bias_width: int = 32
    huf_lanes: int = 16
    data_width: int = 64
    kind: str = ""
    codes: int = 0
    balance: bool = True
    loads: bool = False
    packed_in: bool = False
    packed_out: bool = False
    huffman: bool = False

    def __post_init__(self) -> None:
        need(self, self.cores in (1, 2, 4), "cores", "1, 2 or 4")
        need(self, self.pes in (2, 4, 8, 16), "pes", "2, 4, 8 or 16")
        need(self, self.lanes in (2, 4, 8, 16), "lanes", "2, 4, 8 or 16")
        sizes = [size for size in (8, 16, 32, 64, 128, 256) if size >= self.lanes]
        need(self, self.window in sizes, "window", ", ".join(map(str, sizes)))
        check_ranges(self, RANGES | {"code_row": (max(4, self.lanes), self.window)})
        need(self, self.code_row % self.lanes == 0, "code_row", f"multiples of lanes {self.lanes}")
        need(self, self.bias_width <= self.acc_width, "bias_width", f"2..{self.acc_width}")
        need(self, self.data_width == 64, "data_width", "64")
        need(self, self.huf_lanes in (0, 8, 16), "huf_lanes", "0, 8 or 16")
        if not self.huf_lanes:
            need(self, not self.huffman, "huffman", "False with huf_lanes 0")
        need(self, self.kind in ("", *KINDS), "kind", f"{', '.join(KINDS)} or nothing")
        need(self, self.codes in (0, 4, 8), "codes", "0, 4 or 8")

    @property
    def act_width(self) -> int:
        """Bits of an activation."""
        return 16

    @property
    def wgt_width(self) -> int:
        """Bits of a weight, decoded."""
        return 16

    @property
    def all_pes(self) -> int:
        """PEs of all cores."""
        return self.cores * self.pes

    @property
    def multipliers(self) -> int:
        """Of all cores."""
        return self.all_pes * self.lanes

    @property
    def per_pe(self) -> bool:
        """Whether each PE has a selector and masks of its own."""
        return self.selector == Selector.PER_PE

    @property
    def unit(self) -> int:
        """Neurons of a unit of mask bits in packed activations."""
        return min(16, self.window)

    @property
    def entry_words(self) -> int:
        """Stream words of an entry of the index list."""
        return -(-(self.window + 32) // 64)

    @property
    def mask_words(self) -> int:
        """Stream words of the mask of a PE."""
        return -(-self.window // 64)

    @property
    def code_words(self) -> int:
        """Stream words of a row of codes."""
        return -(-self.code_row // 8)

    @property
    def result_words(self) -> int:
        """Stream words of the outputs of a group at a pixel, not packed."""
        return -(-self.pes // 4)

    def parameters(self) -> dict[str, int]:
        """RTL parameters by their name in ``lac_cambricon_se``."""
        return rtl_parameters(self, _OPTIONS)

    def natural(self) -> CambriconSeConfig:
        """The same build without compaction: each lane takes its own positions. A lane has as many
        codes as positions, so that no window needs two entries.
        """
        return replace(self, selector=int(Selector.NATURAL), code_row=self.window)

    def x_like(self) -> CambriconSeConfig:
        """The same build with a selector in each PE and fine-grained masks."""
        return replace(self, selector=int(Selector.PER_PE))
