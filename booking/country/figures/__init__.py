"""Figures about the whole, never about anyone: counted by one function each, for pages, downloads and notebooks alike.

`booking.country.figures.measures.MEASURES` names them; `booking.country.figures.counting.counted` counts one. Counts
below five people, and those from which they could be worked out, are left empty (`booking.country.figures.disclosure`).
"""
