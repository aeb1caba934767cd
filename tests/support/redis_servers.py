"""Real servers in other shapes than the private one: with users, behind TLS, watched by a sentinel, as a cluster."""

import datetime as dt
import ipaddress
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from booking.platform.embedded.process import dies_with_parent
from booking.platform.embedded.valkey import valkey_program
from deploy.checks.free_ports import free_port

PATIENCE = 60.0


@contextmanager
def a_server(folder: Path, *options: str, port: int | None = None, sentinel: str = "") -> Iterator[int]:
    """Run a server, or a sentinel with this configuration; give its port once it answers."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [*dies_with_parent("KILL"), valkey_program()]
    if sentinel:
        file = folder / "sentinel.conf"
        file.write_text(sentinel, encoding="utf-8")
        command += [str(file), "--sentinel"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", *options],
            stdout=log,
            stderr=log,
        )
        try:
            until_answers(port)
            yield port
        finally:
            process.kill()
            process.wait()


def until_answers(port: int) -> None:
    """Wait until a server on this port answers anything at all; the client's own patience does the waiting."""
    for _ in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
                one.sendall(b"PING\r\n")
                if one.recv(1):
                    return
        except OSError:
            threading.Event().wait(0.05)
    raise AssertionError("the server never answered")


def patient(port: int, **options: object) -> redis.Redis:
    """Return a client for the test's own questions."""
    return redis.Redis(port=port, socket_timeout=PATIENCE, **options)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a key and a certificate for 127.0.0.1 that signs itself; give both files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cache.example")])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key_file, certificate_file


@contextmanager
def behind_tls(port: int, key: Path, certificate: Path) -> Iterator[int]:
    """End TLS in front of a server: the wheel's Valkey is built without it. Gives the port that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return  # closed: the test is over
            threading.Thread(target=serve, args=(raw,), daemon=True).start()

    def serve(raw: socket.socket) -> None:
        try:
            with (
                context.wrap_socket(raw, server_side=True) as outer,
                socket.create_connection(("127.0.0.1", port)) as inner,
            ):
                while asked := outer.recv(65536):
                    inner.sendall(asked)
                    outer.sendall(inner.recv(65536))
        except OSError:
            return  # the client hung up, or would not trust us

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
