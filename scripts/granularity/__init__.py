"""``make granularity``: what the regularity of sparse weights costs and brings."""
