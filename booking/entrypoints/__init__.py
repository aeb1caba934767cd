"""The command line, the demonstration and what notebooks open: each starts the system from outside."""
