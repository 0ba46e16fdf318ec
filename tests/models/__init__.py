"""Tests of the numpy models; no simulator."""
