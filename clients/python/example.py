"""Ask for a turn and read where it stands: python example.py http://localhost:8000 amal 'a turn in the sandbox'."""

import sys
from uuid import uuid4

from mawid_client import AuthenticatedClient, Client
from mawid_client.api.household import household_show
from mawid_client.api.requests import requests_create, requests_show
from mawid_client.api.sessions import session_begin
from mawid_client.models import RequestIn, SessionIn

site, username, password = sys.argv[1:]
session = session_begin.sync(client=Client(site), body=SessionIn(username=username, password=password))
mawid = AuthenticatedClient(site, session.access_token, headers={"Accept-Language": "en"})
person = household_show.sync(client=mawid).members[0]
wish = RequestIn(service="passport-renewal", people=[person.id], offices=["damascus"], bands=["morning", "midday"])
asked = requests_create.sync(client=mawid, body=wish, idempotency_key=str(uuid4()))
print(asked.reference, requests_show.sync(asked.reference, client=mawid).state)
