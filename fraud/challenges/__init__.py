"""What a person or a device is asked for before a request counts: a one-time code, or a small computation."""
