"""Figures about the whole, never about anyone: counted by one function each, for pages, downloads and notebooks alike.

`booking.figures.measures.MEASURES` names them; `booking.figures.counting.counted` counts one. Counts below five people,
and those from which they could be worked out, are left empty (`booking.figures.disclosure`).
"""
