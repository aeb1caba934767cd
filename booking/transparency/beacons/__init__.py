"""Randomness that nobody has before everything else is fixed: drand, or witnesses of whom several must sign."""
