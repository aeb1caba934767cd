"""Certificates that end when a test says, and some of an authority of its own."""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from booking.base.clock import SystemClock


def a_certificate(ends: datetime) -> bytes:
    """Return a certificate in PEM that begins a hundred days before it ends."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(ends - timedelta(days=100)).not_valid_after(ends)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def an_authority(folder: Path) -> None:
    """Write an authority (ca.pem), and a certificate that it signed, with its key (certificate.pem, key.pem)."""
    folder.mkdir()
    begins, signing, key = SystemClock().now() - timedelta(days=1), *(generate_private_key(SECP256R1()) for _ in "ab")
    authority, member = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("ca", "member"))
    for name, subject, own, is_authority in (("ca", authority, signing, True), ("certificate", member, key, False)):
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(authority).public_key(own.public_key())
        made = made.serial_number(8 + is_authority).not_valid_before(begins).not_valid_after(begins + timedelta(days=9))
        made = made.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        pem = made.sign(signing, hashes.SHA256()).public_bytes(Encoding.PEM)
        (folder / f"{name}.pem").write_bytes(pem)
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(written)
