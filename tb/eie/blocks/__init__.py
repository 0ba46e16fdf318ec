"""Benches of its blocks."""
