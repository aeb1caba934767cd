"""From tables of offices, calendars and requests to a problem, and from its plan to seats; synthetic countries."""
