"""Benches of the blocks of FlexFlow-Pro."""
