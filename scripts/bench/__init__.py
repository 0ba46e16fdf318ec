"""``make bench``: the papers' layers at full size."""
