"""Where jobs run: this machine, a cluster's scheduler, or a Dask scheduler of yours."""
