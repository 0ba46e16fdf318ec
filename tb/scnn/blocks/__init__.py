"""Benches of the blocks of SCNN."""
