"""SCNN: compressed weights times compressed activations, products scattered to their accumulators.

``compile`` turns a layer into passes, ``unpack`` their results into a tensor, ``cycles`` predicts
the RTL (see ``rtl/scnn/README.md``).
"""

from models.scnn.compiler import compile, compile_network, unpack
from models.scnn.config import ScnnConfig

# Imported here so that the name is the function, not the module of the same name.
from models.scnn.cycles import cycles
from models.scnn.design import DESIGN

__all__ = ["DESIGN", "ScnnConfig", "compile", "compile_network", "cycles", "unpack"]
