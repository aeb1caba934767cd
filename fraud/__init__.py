"""The gate against a market in places: limits, hard facts, rules and a calibrated score, with reasons in words."""
