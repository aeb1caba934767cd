"""Languages as data: what each one is (``language.toml`` of its folder in `locales`) and its sentences."""
