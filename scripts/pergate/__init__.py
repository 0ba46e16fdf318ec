"""``make pergate``: throughput per gate over density."""
