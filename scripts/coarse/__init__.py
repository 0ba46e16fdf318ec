"""``make coarse``: what coarse-grained compression stores, and at which accuracy."""
