"""Benches of Sparse-on-Dense."""
