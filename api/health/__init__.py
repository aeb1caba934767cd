"""For those who run it: is it alive, is it ready, and one module for each subject of the metrics."""
