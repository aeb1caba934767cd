"""Places of slots: taken and given back by conditional statements, and those that can be booked at once."""
