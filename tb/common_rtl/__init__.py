"""Block benches of ``rtl/common``."""
