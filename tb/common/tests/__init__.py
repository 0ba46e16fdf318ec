"""Tests that every design has to pass, written once."""
