"""Rosters of an office: made by the solver from what is booked and forecast, published, and repaired on the day."""
