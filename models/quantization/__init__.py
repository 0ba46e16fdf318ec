"""Quantization: shared weights (codebook) and fixed point with a power-of-two scale."""

from models.quantization.codebook import Quantized, codebook, quantize_weights
from models.quantization.uniform import exponent_for, quantize_fixed

__all__ = ["Quantized", "codebook", "exponent_for", "quantize_fixed", "quantize_weights"]
