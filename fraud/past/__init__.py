"""What was seen before a request: the frames it is read from, the windows that count it, and the counting itself."""
