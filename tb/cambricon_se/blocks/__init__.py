"""Benches of the blocks of Cambricon-SE."""
