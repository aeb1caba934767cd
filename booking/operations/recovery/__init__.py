"""Backups that are made each night and tried: restored into a server of their own, and examined."""
