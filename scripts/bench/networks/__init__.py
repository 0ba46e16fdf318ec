"""``make bench DESIGN=scnn``: whole networks layer by layer, and the studies of SCNN's paper."""
