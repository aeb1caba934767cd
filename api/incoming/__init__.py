"""What a request may bring: its address, the body of each route, files in parts, threads that read files."""
