"""Requests, draws, appointments, exchange, urgent cases, quotas and forecasts."""
