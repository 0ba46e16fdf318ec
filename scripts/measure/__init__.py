"""Runs of layers on designs and their records: what ``make run` and ``make bench` share."""
