"""Bit-exact numpy models of every number format, sparsity format and accelerator of Lacuna."""
