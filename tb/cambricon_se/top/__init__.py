"""Benches of the whole of Cambricon-SE."""
