"""Who may not come: earlier reminders and figures for overbooking. No verdict depends on it (`pyproject.toml`)."""
