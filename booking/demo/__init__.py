"""The demonstration: a synthetic country whose people, brokers and bots play a booking day through the real services."""
