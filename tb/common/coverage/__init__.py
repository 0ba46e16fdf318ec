"""Functional and code coverage: what was hit, merging, UCIS."""
