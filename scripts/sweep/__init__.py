"""Sweeps of a design over builds and densities, by its cycle model."""
