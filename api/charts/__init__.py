"""Charts in the reader's language, the same for pages and notebooks. Knows no web and no database.

Altair and the drawing engine take seconds to load, so a page imports a module of this package inside the function
that answers, never at its top.
"""
