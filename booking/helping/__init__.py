"""Helpers: registered shops and organisations that ask for people who cannot, with their consent."""
