"""The demonstration: synthetic people, brokers and bots play two booking days through the real services."""
