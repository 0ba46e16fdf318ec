"""Sparsity formats, one module each, with ``encode``, ``decode``, ``check`` and ``size_bits``."""
