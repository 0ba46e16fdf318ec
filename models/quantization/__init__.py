"""Quantization: shared weights (codebook, one or one a region), fixed point with a scale of 2."""

from models.quantization.codebook import Quantized, codebook, quantize_weights
from models.quantization.local import LocalQuantized, local_codebook, quantize_local
from models.quantization.uniform import exponent_for, quantize_fixed

__all__ = [
    "LocalQuantized",
    "Quantized",
    "codebook",
    "exponent_for",
    "local_codebook",
    "quantize_fixed",
    "quantize_local",
    "quantize_weights",
]
