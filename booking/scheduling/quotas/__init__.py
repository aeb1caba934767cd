"""Quotas: how each office-day splits into pools; drafts, versions, and what a change would do."""
