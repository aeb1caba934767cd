"""Calendars that other programs read: as files, and from secret addresses that their owner takes back at any time."""
