"""Appointments: held, confirmed, answered, attended, lapsed; the pass and the calendar file to take along."""
