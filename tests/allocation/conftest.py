"""Property tests with the same examples on every run; the first one waits until a function is compiled."""

from hypothesis import settings

settings.register_profile("mawid", deadline=None, derandomize=True)
settings.load_profile("mawid")
