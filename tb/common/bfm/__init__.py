"""Pins: bus drivers, monitors and what the benches of blocks use."""
