"""Events go outside alone: by https, to names none of whose addresses is inside."""

import socket
from ipaddress import IPv4Address, ip_address, ip_network

import pytest

from booking.people.webhooks.call import find, may_be_called, read_url
from booking.people.webhooks.signing import AddressInsideError
from booking.platform.base.errors import FieldError
from booking.platform.base.settings import Settings
from tests.support.country import cheap_settings

STRICT = cheap_settings()
INSIDE = (
    *("127.0.0.1", "127.8.8.8", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    str(IPv4Address(0)),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "fec0::1"),
    *("::ffff:10.0.0.7", "::ffff:169.254.169.254", "::10.0.0.7"),
    *("64:ff9b::a00:7", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "2002:a00:7::1", "2002:7f00:1::", "2001:0:a::1"),
    *("192.0.0.192", "192.88.99.1", "168.63.129.16", "::ffff:0:10.0.0.1", "5f00::1", "3fff::1"),
)
OUTSIDE = ("8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8")


@pytest.fixture
def named(monkeypatch):
    """Let names lead to addresses, as whoever answers for them says."""

    def lead(**names):
        def look_up(host, port, **_):
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return [(0, 0, 0, "", (one, port)) for one in names[host].split()]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return lead


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_may_not_be_called(text):
    assert not may_be_called(ip_address(text), STRICT)


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_public_address_may_be_called(text):
    assert may_be_called(ip_address(text), STRICT)


def test_a_network_that_the_settings_allow_may_be_called_and_its_neighbour_not():
    settings = cheap_settings(webhook_networks=(ip_network("10.20.0.0/16"), ip_network("fd00:20::/32")))
    allowed = [may_be_called(ip_address(one), settings) for one in ("10.20.3.4", "::ffff:10.20.3.4", "fd00:20::1")]
    others = [may_be_called(ip_address(one), settings) for one in ("10.21.0.1", "fd00:21::1", "127.0.0.1")]
    assert (allowed, others) == ([True] * 3, [False] * 3)


@pytest.mark.parametrize("network", ["127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10"])
def test_settings_cannot_allow_this_machine_or_its_link(network):
    with pytest.raises(ValueError, match="this machine itself"):
        Settings(_env_file=None, webhook_networks=network)


def test_one_address_inside_among_public_ones_refuses_the_name(named):
    named(good="8.8.8.8 2606:4700::1111", mixed="8.8.8.8 10.0.0.7", scoped="fe80::1%eth0")
    assert find(read_url("https://good/", STRICT), STRICT) == ["8.8.8.8", "2606:4700::1111"]
    for host in ("mixed", "scoped"):
        with pytest.raises(AddressInsideError):
            find(read_url(f"https://{host}/", STRICT), STRICT)


@pytest.mark.parametrize(
    "url",
    [
        "http://good.example/",
        "ftp://good.example/",
        "https://",
        "https:///events",
        "https://user:word@good.example/",
        "https://good.example/#part",
        "https://good.example:0/",
        "https://good.example:99999/",
        "https://good.example/a b",
        "https://good.example/\r\nHost: inside",
        "https://good.example\\@inside/",
        "https://مثال.example/",
        "//good.example/",
    ],
)
def test_what_is_not_an_address_of_https_is_refused(url):
    with pytest.raises(FieldError, match="not_https"):
        read_url(url, STRICT)


@pytest.mark.parametrize(
    ("url", "named", "path"),
    [
        ("https://good.example", "good.example", "/"),
        ("https://GOOD.example:8443/a?b=c", "good.example:8443", "/a?b=c"),
        ("https://good.example:443/a", "good.example", "/a"),
        ("https://[2606:4700::1111]/a", "[2606:4700::1111]", "/a"),
    ],
)
def test_an_address_is_taken_apart(url, named, path):
    target = read_url(url, STRICT)
    assert (target.named, target.path, target.secure) == (named, path, True)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "localhost"])
def test_another_spelling_of_this_machine_is_refused_all_the_same(host):
    with pytest.raises((AddressInsideError, OSError)):
        find(read_url(f"https://{host}/", STRICT), STRICT)
