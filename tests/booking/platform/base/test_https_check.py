"""What a proxy answers is tried over real TLS: one set up as the runbook says, and one that takes everything."""

import ssl
import threading
import warnings
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from booking.platform.base.clock import SystemClock
from booking.platform.base.https_check import check_https
from tests.support.waiting import ended


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a key and a certificate that it signed itself."""
    key, now = rsa.generate_private_key(65537, 2048), SystemClock().now()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mawid")])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("https") / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return str(path)


@contextmanager
def serving(refuses, tls=None):
    """Answer by http: 403 below ``refuses``, else lead on to https."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(403 if self.path.startswith(refuses) else 308)
            self.send_header("location", "https://mawid.example/")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # who does not trust it hangs up
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    running.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        ended(running)
        server.server_close()


def tried(tls, certificate, refuses, authorities):
    tls.load_cert_chain(certificate)
    with ExitStack() as stack:
        https, http = stack.enter_context(serving("/", tls)), stack.enter_context(serving(refuses))
        return {
            one.tried: (one.well, one.found)
            for one in check_https(f"https://127.0.0.1:{https}", authorities=authorities, http_port=http)
        }


def test_a_proxy_as_the_runbook_has_it_is_well(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    found = tried(tls, certificate, "/api/", certificate)

    assert not [one for one in found.items() if one[1][0] is False]
    assert found["certificate"] == (True, "TLSv1.3, TLS_AES_256_GCM_SHA384, 90 days left")
    assert found["suites without forward secrecy"][0]
    assert found["http /api/v1/draws"] == (True, "403 https://mawid.example/")


def test_old_versions_weak_suites_strange_certificates_and_redirected_calls_are_told(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = ssl.TLSVersion.TLSv1
    tls.set_ciphers("ALL:@SECLEVEL=0")
    found = tried(tls, certificate, "/nothing", None)

    assert found["certificate"] == (False, "self-signed certificate")
    assert found["TLSv1_1"][0] in {False, None}, "accepted, or not offered by this machine"
    assert found["suites without forward secrecy"][0] is False
    assert found["http /"][0]
    assert found["http /api/v1/draws"][0] is False
