"""``make cov``: functional and code coverage of the benches."""
