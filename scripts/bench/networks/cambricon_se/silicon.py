"""What finds the operands of a core of Cambricon-SE, in gates beside its PEs, by selector."""

from __future__ import annotations

from typing import Any

from models import registry
from models.workloads.cambricon_se import DESIGN
from scripts.area.page import split_parts
from scripts.area.tree import area

#: Variants of the design, one for each selector; records have their names.
BUILDS = ("x_like", "natural", "tuned")


def points() -> list[dict[str, Any]]:
    """Gates of a core and of its parts, of each selector; AreaError where nothing can be
    synthesised.
    """
    design = registry.design(DESIGN)
    assert design.split is not None
    made = []
    for name in BUILDS:
        config = design.variants[name].of(design.config())
        tree = area(design.top, config.parameters()).as_json()
        parts = {label: gates for label, (gates, _) in split_parts(design.split, tree).items()}
        made.append({"build": name, "gates": sum(parts.values()), "parts": parts})
    return made
