"""What everything else stands on and what knows no subject: settings, clock, database, keys, errors, logs."""
