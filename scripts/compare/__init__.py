"""Designs side by side on the same layers: ``make compare``, ``which``, ``map`` and ``sweep``."""
