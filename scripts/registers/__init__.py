"""Registers of the designs: one description, and all that is made from it."""
