"""The command ``mawid``, one module for each group of its commands."""
