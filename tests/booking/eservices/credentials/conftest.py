"""What tests of credentials begin with: a result, offers of it, and a gate that fetched."""

import json

import httpx2
import pytest

from booking.eservices.credentials.fetch import fetch_issuer, open_folder
from booking.eservices.credentials.offer import offer_result
from booking.eservices.credentials.status import issuer_document, status_list, status_lists
from tests.support.country import an_origin
from tests.support.online_cases import INSURANCE, with_agency


@pytest.fixture
def policy(country):
    return with_agency(country, INSURANCE, months=1)


@pytest.fixture
def offer(country, policy):
    """Offer the policy to a wallet once more."""

    def make(*, whole=True):
        asked = {"account_id": policy.account, "reference": policy.reference}
        return offer_result(country, **asked, whole=whole, origin=an_origin())

    return make


def site(core, **instead):
    """The issuer's pages for a gate that fetches; some answer otherwise."""

    def answer(request):
        name = request.url.path.rpartition("/")[2]
        if name in instead:
            content = instead[name]
        elif name in documents:
            content = json.dumps(documents[name](core)).encode()
        else:
            content = status_list(core, int(name)).text.encode()
        return httpx2.Response(200, content=iter([content]))

    documents = {"jwt-vc-issuer": issuer_document, "status-lists.json": status_lists}
    return httpx2.Client(transport=httpx2.MockTransport(answer))


@pytest.fixture
def gate(country, tmp_path):
    """What a gate that fetched just now trusts."""

    def fetched(**instead):
        fetch_issuer(country.settings.base_url, tmp_path, client=site(country, **instead))
        return open_folder(tmp_path)

    return fetched
