"""Benches: one folder for each design, and what they share in ``tb.common``."""
