"""Accounts, identity, staff, notifications, payments and evidence: everything about one person."""
