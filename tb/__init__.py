"""Benches: one room for each design, and what they share in ``tb.common``."""
