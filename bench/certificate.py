"""A throw-away certificate for 127.0.0.1, so that what is measured is encrypted and checked as on the live feed."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TRUST = "SSL_CERT_FILE"
"""Environment variable that names the certificates which Python's `ssl.create_default_context` trusts."""


def write_certificate(path: Path) -> Path:
    """Write a certificate that signs itself, and its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "local exchange")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    until = start + timedelta(days=36_500)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, open_text = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, open_text)
    path.write_bytes(certificate.public_bytes(pem) + private)
    return path
