"""Leaf benches of ``rtl/common``."""
