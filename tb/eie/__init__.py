"""Benches of the EIE accelerator: its blocks one by one, and the whole."""
