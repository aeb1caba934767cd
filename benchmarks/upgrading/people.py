"""Load a country and write citizens who can sign in, with the code of whichever version runs this; tell who they are.

Run by the earlier version's own Python, where its code is: ``python people.py COUNT PLACES PASSWORD``.
"""

import json
import os
import runpy
import sys

from sqlalchemy import update

from booking.antifraud.gate.versions import publish_default_rules, publish_model
from booking.country.catalogue.load import load_catalogue
from booking.opening import open_core
from booking.platform.base.settings import load_settings
from booking.platform.models import Account
from fraud import train

HTTP = runpy.run_path("benchmarks/http_requests.py")
RUSH = runpy.run_path("benchmarks/rush.py")


def main(count: int, places: int, password: str) -> None:
    """Print, as JSON, the people and the slots that have places for them."""
    servers = {"database_url": os.environ["MAWID_DATABASE_URL"], "redis_url": os.environ["MAWID_REDIS_URL"]}
    with open_core(load_settings(), **servers) as core:
        load_catalogue(core, pack=core.pack)
        publish_default_rules(core)
        publish_model(core, artifact=train(seed=7, rows=20_000))
        citizens = HTTP["settle"](core, count)
        kept = core.passwords.hash(password)
        with core.sessions.begin() as session:
            session.execute(update(Account).values(password_hash=kept))
        people = [
            {"username": f"citizen{one.member}", "member": one.member, "network": HTTP["network"](one)}
            for one in citizens
        ]
        print(json.dumps({"people": people, "slots": RUSH["make_slots"](core, places)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
