"""What notices say: one TOML file for each area, in both languages, short for phones and with a subject for letters."""
