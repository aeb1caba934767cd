"""The files of a draw in format 2, as docs/draw-format.md fixes them: written in one way, read back strictly."""
