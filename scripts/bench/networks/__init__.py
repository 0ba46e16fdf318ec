"""Whole networks layer by layer: what ``make bench`` runs for designs whose papers measure them.

A design brings a package here that is named after it and has an ``EVALUATION``
(``evaluation.py``); all else finds it by that name.
"""
