"""Which capacity to move: a model with cuts from the draw's own duals."""
