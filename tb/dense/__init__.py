"""Benches of the dense systolic array."""
