"""Benches, builds and the runner."""
