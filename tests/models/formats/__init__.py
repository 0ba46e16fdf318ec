"""Tests of the models of the sparsity formats."""
