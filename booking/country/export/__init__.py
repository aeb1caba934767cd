"""Everything an analyst may have row by row, without personal data: for notebooks as frames, or as files.

`booking.country.export.tables.TABLES` says which columns leave and how; `booking.country.export.frames.frames` reads
them.
"""
