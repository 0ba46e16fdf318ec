"""Benches of the sparsity formats."""
