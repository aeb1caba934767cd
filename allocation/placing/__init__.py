"""Where those are served who were chosen: the best bins for single units, exact in all goals."""
