"""``make train``: the embedded networks again."""
