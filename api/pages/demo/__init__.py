"""The demonstration's own pages, apart from those of accounts: no citizen reads them, and few languages have them."""

from api.pages.demo import enter

router = enter.router
