"""Benches of Cambricon-SE."""
