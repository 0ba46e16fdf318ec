"""Every claim of the papers beside ours (``make claims``): from committed records, none typed."""
