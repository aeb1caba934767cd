"""SQL that reads or moves many rows."""
