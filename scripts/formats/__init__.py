"""``make formats``: what each sparsity format costs."""
