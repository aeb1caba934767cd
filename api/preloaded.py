"""All that a web process runs, loaded once: each of them is made from a process that has only this (`api.__main__`).

It holds no connection, no key and no thread of Python; those that numpy and pyarrow begin when they are loaded know of
forks. What is loaded is set aside from the collector of unused objects, so that
processes made from it share its memory, until they write to it.
"""

import gc

gc.disable()  # what is loaded stays: looking through it again and again takes a fifth of the time

from api.main import prepare_routes  # noqa: E402 - see above

prepare_routes()
gc.freeze()
gc.enable()
