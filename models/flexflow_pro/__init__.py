"""FlexFlow-Pro, a regular array whose PEs skip zeros on their own (``rtl/flexflow_pro``)."""

from models.flexflow_pro.config import FlexflowProConfig

# Imported here so that the name is the function, not the module of the same name.
from models.flexflow_pro.cycles import cycles

__all__ = ["FlexflowProConfig", "cycles"]
