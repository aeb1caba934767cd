"""Certificates that end when a test says."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def a_certificate(ends: datetime) -> bytes:
    """Return a certificate in PEM that begins a hundred days before it ends."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(ends - timedelta(days=100)).not_valid_after(ends)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def an_authority(folder: Path, ends: datetime) -> tuple[Path, Path]:
    """Return the files of an authority that nobody knows, and of a server that it signed for, with the server's key."""
    own, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    names = {one: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in ("own", "server")}
    signs = x509.BasicConstraints(ca=True, path_length=None)
    is_at = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    texts = []
    for name, public, extension in (("own", own, signs), ("server", key, is_at)):
        made = x509.CertificateBuilder(names["own"], names[name], public.public_key(), x509.random_serial_number())
        made = made.not_valid_before(ends - timedelta(days=100)).not_valid_after(ends)
        made = made.add_extension(extension, critical=extension is signs)
        texts.append(made.sign(own, hashes.SHA256()).public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "own.pem").write_bytes(texts[0])
    (folder / "server.pem").write_bytes(private + texts[1])
    return folder / "own.pem", folder / "server.pem"
