"""Hostile inputs: parsers under a fuzzer that looks at coverage, every form of every page, and the whole API.

No benchmark by itself: `benchmarks/hostile.py` runs them.
"""
