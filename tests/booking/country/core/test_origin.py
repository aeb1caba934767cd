import pytest

from booking.country.core.security import Origin
from booking.platform.base.vault import Vault

VAULT = Vault(b"a secret for tests that is long enough")


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("local socket", "local socket"),
        ("", ""),
    ],
)
def test_an_address_counts_as_the_network_of_its_subscriber(address, prefix):
    assert Origin(address, "d", None).prefix == prefix


def test_an_unknown_address_or_device_is_not_limited():
    assert Origin("", "", None).subjects(phone="+963") == {"phone": "+963"}
    assert Origin("203.0.113.7", "abc", 3.5).subjects() == {"network": "203.0.113.0/24", "device": "abc"}


def test_addresses_of_one_network_share_a_hash_and_no_device_has_no_hash():
    one, other = Origin("203.0.113.7", "", None), Origin("203.0.113.8", "phone", None)

    assert one.network_hash(VAULT) == other.network_hash(VAULT)
    assert one.device_hash(VAULT) == b""
    assert len(other.device_hash(VAULT)) == 32
    assert b"phone" not in other.device_hash(VAULT)
