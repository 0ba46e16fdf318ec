"""Benches of the blocks that the systolic designs share."""
