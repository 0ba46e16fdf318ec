"""Quantization: shared weights (codebook, one or one a region), fixed point with a scale of 2."""

from models.quantization.codebook import (
    Quantized,
    codebook,
    fixed_codebook,
    quantize_weights,
    relative_error,
)
from models.quantization.local import LocalQuantized, local_codebook, quantize_local
from models.quantization.uniform import exponent_for, quantize_fixed

__all__ = [
    "LocalQuantized",
    "Quantized",
    "codebook",
    "exponent_for",
    "fixed_codebook",
    "local_codebook",
    "quantize_fixed",
    "quantize_local",
    "quantize_weights",
    "relative_error",
]
