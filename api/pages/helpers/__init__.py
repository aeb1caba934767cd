"""Pages of registered helpers, and of people whom they helped."""

from api.incoming.first_words import Grouped
from api.pages.helpers import helped, paper, people

router = Grouped()
for pages in (helped, people, paper):
    router.include_router(pages.router)
