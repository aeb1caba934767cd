"""What every use case is given: `Core` and what it keeps in memory, audit, permissions, sessions, the job queue."""
