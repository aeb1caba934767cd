"""Run by ``python -m pretix shell`` of `benchmarks/pretix.py`: a shop with one free ticket, and a token for its API."""

import os
from datetime import timedelta

from django.utils.timezone import now
from django_scopes import scopes_disabled
from pretix.base.models import Organizer, TeamAPIToken

with scopes_disabled():
    organizer = Organizer.objects.create(name="Offices", slug="offices")
    event = organizer.events.create(
        name="Passports",
        slug="passports",
        date_from=now() + timedelta(days=30),
        currency="EUR",
        live=True,
        plugins="",
    )
    item = event.items.create(name="Appointment", default_price=0, admission=True)
    quota = event.quotas.create(name="Places", size=int(os.environ["PLACES"]))
    quota.items.add(item)
    team = organizer.teams.create(name="Desk", all_events=True, all_event_permissions=True)
    token = TeamAPIToken.objects.create(team=team, name="benchmark")
print(f"made {item.pk} {token.token}")
