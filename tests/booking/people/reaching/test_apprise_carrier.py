"""Messages go to the gateway that the settings name, and nowhere else."""

import pytest

from booking.people.reaching.apprise_carrier import AppriseCarrier
from booking.people.reaching.carrier import CarrierError, Letter
from tests.support.gateway import a_gateway


def test_a_gateway_that_sends_elsewhere_is_not_followed():
    with a_gateway() as gateway:
        gateway.answers = [307]
        carrier = AppriseCarrier(f"{gateway.url()}&redirect=yes")
        with pytest.raises(CarrierError):
            carrier.send("+963944123456", Letter("", "Your code: 123456"), "key")

        assert (gateway.asked, gateway.taken) == (1, [])
