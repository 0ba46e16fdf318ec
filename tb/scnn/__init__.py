"""Benches of SCNN."""
