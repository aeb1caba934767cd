"""People whom we know under two numbers, and accounts that belong together: looked for by jobs, decided by officers."""
