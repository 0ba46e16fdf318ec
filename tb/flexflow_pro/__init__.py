"""Benches of FlexFlow-Pro."""
