"""A gate's folder: what a site that lies, a line that is read, and a disk that is full can do to it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import ECKey
from typer.testing import CliRunner

from booking.entrypoints.commands.credential import app
from booking.eservices.credentials.fetch import CannotFetchError, fetch_issuer, open_folder
from booking.eservices.credentials.sd_jwt import LIST_KIND, LISTS, WELL_KNOWN, list_address, sign
from booking.eservices.credentials.status import is_set, pack_bits
from tests.support.waiting import ended

NOON, DAY = 1_800_000_000, 86_400
KEY = ECKey.generate_key("P-256")


class _Site(BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.server.pages.get(self.path)
        self.send_response(404 if found is None else 200)
        self.end_headers()
        self.wfile.write(found or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    """An issuer's site on this machine: its address, and a function that says what it serves from now on."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.pages = {}
    address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def serve(*lists, key=KEY, kid=None, listed=None):
        listed = [list_address(address, number) for number in range(len(lists))] if listed is None else listed
        jwks = {"keys": [{**key.as_dict(private=False), "kid": kid or key.thumbprint()}]}
        server.pages = {
            WELL_KNOWN: json.dumps({"issuer": address, "jwks": jwks}).encode(),
            LISTS: json.dumps({"status_lists": listed}).encode(),
        } | {list_address("", number): text.encode() for number, text in enumerate(lists)}

    yield address, serve
    server.shutdown()
    ended(thread)
    server.server_close()


def a_list(site, number, *ended, key=KEY):
    body = {"sub": list_address(site, number), "iat": NOON, "exp": NOON + 2 * DAY, "status_list": pack_bits(ended)}
    return sign(body, key, kind=LIST_KIND)


def test_lists_that_the_site_has_no_more_do_not_close_the_gate(site, tmp_path):
    address, serve = site
    serve(a_list(address, 0), a_list(address, 1))
    fetch_issuer(address, tmp_path)
    renewed = ECKey.generate_key("P-256")
    serve(a_list(address, 0, key=renewed), key=renewed)
    assert fetch_issuer(f"{address}/", tmp_path) == ("issuer.json", "status-0.jwt")
    assert open_folder(tmp_path).lists.keys() == {list_address(address, 0)}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["issuer.json", "status-0.jwt"]


def test_a_list_stands_in_for_no_other_one_and_is_not_told_twice(site, tmp_path):
    address, serve = site
    serve(a_list(address, 0, 7), a_list(address, 0))
    with pytest.raises(CannotFetchError, match="lies where another"):
        fetch_issuer(address, tmp_path)
    serve(a_list(address, 0, 7), listed=[list_address(address, 0)] * 2)
    with pytest.raises(CannotFetchError, match="lies where another"):
        fetch_issuer(address, tmp_path)
    for wrong in (*(list_address(address) + end for end in ("0\x01", "٠", "00", "", "0/../1")), "0", 0, [], {}):
        serve(a_list(address, 0, 7), listed=[wrong])
        with pytest.raises(CannotFetchError):
            fetch_issuer(address, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_the_site_leaves_out_goes_on_to_count_as_it_was(site, tmp_path):
    address, serve = site
    serve(a_list(address, 0, 7), a_list(address, 1))
    fetch_issuer(address, tmp_path)
    for listed in ([list_address(address, 1)], []):
        serve(a_list(address, 0), a_list(address, 1), listed=listed)
        fetch_issuer(address, tmp_path)
        found = open_folder(tmp_path).lists
        assert found.keys() == {list_address(address, 0), list_address(address, 1)}
        assert is_set(found[list_address(address, 0)].bits, 7)


def test_keys_come_over_an_encrypted_line_or_from_this_machine(tmp_path):
    for address in ("http://mawid.example", "mawid.example", "ftp://127.0.0.1", "http://127.0.0.1.example", "http://["):
        with pytest.raises(CannotFetchError):
            fetch_issuer(address, tmp_path)


def test_a_disk_that_is_full_leaves_all_that_was_fetched_before(site, tmp_path):
    address, serve = site
    serve(a_list(address, 0), a_list(address, 1))
    fetch_issuer(address, tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    (tmp_path / "status-1.jwt.part").mkdir()  # as a disk without room: it cannot be written
    serve(a_list(address, 0, 1), a_list(address, 1, 1))
    with pytest.raises(OSError, match=r"status-1\.jwt\.part"):
        fetch_issuer(address, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_the_key_to_compare_is_worked_out_not_what_the_document_calls_it(site, tmp_path):
    address, serve = site
    own = ECKey.generate_key("P-256")
    for key, said in ((KEY, ""), (own, " (ANOTHER KEY than before: compare it with the ministry's)")):
        serve(key=key, kid="the ministry's")
        lines = CliRunner().invoke(app, ["fetch", address, "--keys", str(tmp_path)]).output.splitlines()
        assert lines[-1] == f"key {key.thumbprint()}{said}"
