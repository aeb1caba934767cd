"""Languages as data: what each one is (``language.toml`` of its folder in `booking.locales`) and its sentences."""
