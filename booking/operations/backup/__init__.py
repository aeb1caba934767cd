"""Backups: one folder with the database, the evidence and a manifest, made and restored by one command each."""
