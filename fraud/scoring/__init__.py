"""What a model is made of and judged by: trees, splits, contributions, thresholds, drift, fairness, its card."""
