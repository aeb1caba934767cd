"""Finding a service by words as people type them: any Arabic spelling, English, Arabic in Latin letters, slips."""
