"""Pages of an office's counter and its day: check-in, asking for people, walk-ins, closing."""

from api.incoming.first_words import Grouped
from api.pages.counter import ask, closing, day, identity, offline, walk_ins

router = Grouped()
for pages in (ask, identity, offline, day, closing, walk_ins):
    router.include_router(pages.router)
