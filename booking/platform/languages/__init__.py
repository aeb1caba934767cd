"""Languages as data: what each one is (``language.toml`` of its folder in `booking.platform.locales`) and its sentences."""
