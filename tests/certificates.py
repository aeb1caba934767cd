"""Certificates that end when a test says."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding


def a_certificate(ends: datetime) -> bytes:
    """Return a certificate in PEM that begins a hundred days before it ends."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(ends - timedelta(days=100)).not_valid_after(ends)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
