"""Certificates that end when a test says, and some of an authority of its own."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from booking.platform.base.clock import SystemClock

USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
"""What the key of a certificate can be for."""


def a_certificate(ends: datetime) -> bytes:
    """Return a certificate in PEM that begins a hundred days before it ends."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(ends - timedelta(days=100)).not_valid_after(ends)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def an_authority(folder: Path) -> tuple[Path, Path]:
    """Write an authority that nobody knows (ca.pem), and what it signed for this machine (certificate.pem, key.pem).

    They say all that RFC 5280 asks for, as clients want it from Python 3.13 on, and end in nine days. Returns the
    authority's file, and one with the key and its certificate (server.pem).
    """
    folder.mkdir(exist_ok=True)
    own, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    names = {one: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in ("ca", "certificate")}
    is_at = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    identifier = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
    by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    signs = x509.KeyUsage(**dict.fromkeys(USES, False) | {"key_cert_sign": True})
    ends = SystemClock().now() + timedelta(days=9)
    signed = {}
    for name, public, more in (("ca", own, (identifier, signs)), ("certificate", key, (is_at, by))):
        made = x509.CertificateBuilder(names["ca"], names[name], public.public_key(), x509.random_serial_number())
        made = made.not_valid_before(ends - timedelta(days=100)).not_valid_after(ends)
        made = made.add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
        for extension in more:
            made = made.add_extension(extension, critical=False)
        signed[name] = made.sign(own, hashes.SHA256()).public_bytes(Encoding.PEM)
        (folder / f"{name}.pem").write_bytes(signed[name])
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "server.pem").write_bytes(private + signed["certificate"])
    return folder / "ca.pem", folder / "server.pem"
