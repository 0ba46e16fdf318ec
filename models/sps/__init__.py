"""SPS, periodic patterns on a systolic array: configuration, compiler, result reader, cycles."""

from models.sps.compiler import Options, compile, unpack
from models.sps.config import SpsConfig

# Imported here so that the name is the function, not the module of the same name.
from models.sps.cycles import cycles
from models.sps.design import DESIGN
from models.sps.memories import memories

__all__ = ["DESIGN", "Options", "SpsConfig", "compile", "cycles", "memories", "unpack"]
