"""The proof of a plan, and its check apart from the solver: numpy and none of the solver's code."""
