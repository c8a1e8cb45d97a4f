"""Benchmarks: pynn beside its peers and beside the machine's limits. `python -m benches.report` runs them all."""
