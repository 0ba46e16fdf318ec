"""FlexFlow-Pro, a regular array whose PEs skip zeros on their own (``rtl/flexflow_pro``).

``compile`` turns a layer into passes, ``unpack`` their results into a tensor, ``cycles`` predicts
the RTL; ``thinned`` is the layer that is computed where a threshold makes tiny values 0.
"""

from models.flexflow_pro.compiler import compile, unpack
from models.flexflow_pro.config import FlexflowProConfig

# Imported here so that the name is the function, not the module of the same name.
from models.flexflow_pro.cycles import cycles
from models.flexflow_pro.design import DESIGN
from models.flexflow_pro.lowering import thinned

__all__ = ["DESIGN", "FlexflowProConfig", "compile", "cycles", "thinned", "unpack"]
