"""How often each subject may try each action: limits as text, counted by one shared server, or alone in its absence."""
