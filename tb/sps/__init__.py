"""Benches of SPS."""
