"""What finds the operands in SPS, Sparse-on-Dense and SCNN, in gates beside its whole."""

from __future__ import annotations

from typing import Any

from models import registry
from scripts.area.tree import area

_BITMAP = {"wgt_format": 1, "num_lanes": 4}
_ARRAY = "the array and what feeds it, 16 x 16"


def points() -> list[dict[str, Any]]:
    """Gates of units and of their wholes; AreaError where nothing can be synthesised."""
    made = []
    for design, top, module, changes, of, parts in WANTED:
        config = registry.design(design).config(**changes)
        tree = area(top, config.parameters() if top == f"lac_{design}" else {})
        whole = tree.find(module)[0][0]
        for label, modules in parts.items():
            made.append(
                {
                    "design": registry.design(design).title,
                    "part": label,
                    "gates": whole.gates_of(*modules),
                    "whole": whole.gates,
                    "of": of,
                }
            )
    return made


#: Design, what is synthesised, module that is the whole, changes of the default build, what that
#: is, units of it. A PE of SCNN has the parameters of the default build by itself.
WANTED: tuple[tuple[str, str, str, dict[str, Any], str, dict[str, tuple[str, ...]]], ...] = (
    ("sps", "lac_sps", "lac_sps_core", {}, _ARRAY,
     {"index unit": ("lac_sps_index",), "addresses of the rows": ("lac_sps_agen", "lac_sps_row")}),
    ("sps", "lac_sps", "lac_sps_core", {"row_offsets": 0}, f"{_ARRAY}, one offset",
     {"index unit": ("lac_sps_index",)}),
    ("sparse_on_dense", "lac_sparse_on_dense", "lac_sod_core", {}, f"{_ARRAY}, columns",
     {"4 decompression units": ("lac_sod_unit",)}),
    ("sparse_on_dense", "lac_sparse_on_dense", "lac_sod_core", _BITMAP, f"{_ARRAY}, bitmap",
     {"4 decompression units": ("lac_sod_unit",)}),
    ("scnn", "lac_scnn_node", "lac_scnn_node", {}, "a PE of 4 x 4 multipliers",
     {"scatter crossbar": ("lac_scnn_xbar",), "merging": ("lac_scnn_merge",)}),
)  # fmt: skip
