"""Reaching people: channels and choices, sending with retries and quiet hours, commands by SMS."""
