"""Benchmarks: each figure is a ratio against a floor measured in the same run, so that it holds on any machine."""
