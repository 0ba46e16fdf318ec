"""Proofs: what one is, how they are found, and what their harnesses share."""
