"""Benchmarks. Each figure is a ratio against a floor that is measured in the same run, so that it holds on any machine."""
