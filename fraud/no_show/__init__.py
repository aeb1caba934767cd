"""Who may not come to an appointment: for reminders and overbooking only, never for a verdict."""
