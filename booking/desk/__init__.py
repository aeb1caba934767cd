"""Work at an office: inbox, counters, hall, rosters, helpers, rights of people, the telephone and plans."""
