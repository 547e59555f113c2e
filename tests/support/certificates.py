"""Certificates for tests of TLS."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

Signed = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def authority() -> Signed:
    """Make a certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"authority {x509.random_serial_number()}")
    ca = x509.BasicConstraints(ca=True, path_length=None)
    return _begun(name, name, key).add_extension(ca, critical=True).sign(key, SHA256()), key


def certificate(by: x509.Certificate, key: ec.EllipticCurvePrivateKey, host: str) -> Signed:
    """Make a server's certificate.

    Args:
        by: the authority.
        key: the authority's.
        host: the server's name.
    """
    own = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    begun = _begun(_name(host), by.subject, own).add_extension(names, critical=False)
    return begun.sign(key, SHA256()), own


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=800))
    )
