"""Plans of what somebody needs before a service, with dates; starting all parts at once."""
