"""Keys of the seals (印章密钥): an own root, one signing certificate per department, in files nobody else reads.

Every bundle is one PEM file with key and certificate, mode 0600, written whole or not at all; two processes that
start together agree on the one that was first. A department's private key never leaves `KeyRoom`: callers get a
`SealSigner`, so that a device (HSM, SM2) can later stand in its place.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT_FILE = "root.pem"
ROOT_YEARS = 30
SEAL_YEARS = 10
DIGESTS: dict[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}


class SealSigner(Protocol):
    """Whoever can sign for a department: a key file here, a device or an SM2 provider elsewhere."""

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates above it up to the root, DER."""

    @property
    def algorithm(self) -> str:
        """Name of the mechanism, as the paper's row keeps it: `ecdsa-p256-sha256`, later `sm2-sm3`."""

    def sign(self, data: bytes, digest: str) -> bytes:
        """Raw signature over `data` hashed with `digest`."""


@dataclass(frozen=True)
class Bundle:
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def to_pem(self) -> bytes:
        """Both in one file."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + self.certificate.public_bytes(serialization.Encoding.PEM)

    @classmethod
    def from_pem(cls, data: bytes) -> Bundle:
        """Read what `to_pem` wrote. Raises ValueError for anything else."""
        key = serialization.load_pem_private_key(data, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("a seal key is an elliptic-curve key")
        return cls(key, x509.load_pem_x509_certificate(data))


@dataclass(frozen=True)
class FileSigner:
    """A SealSigner whose key is a file of the key room."""

    bundle: Bundle
    root: x509.Certificate
    algorithm: str = "ecdsa-p256-sha256"

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        return self.bundle.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The root, DER."""
        return (self.root.public_bytes(serialization.Encoding.DER),)

    def sign(self, data: bytes, digest: str) -> bytes:
        """ECDSA over P-256."""
        return self.bundle.key.sign(data, ec.ECDSA(DIGESTS[digest]))


@dataclass(frozen=True)
class KeyRoom:
    """The directory with the root and the seal keys.

    `authority` is the name of the root: a demonstration root says in its name that it is one.
    """

    directory: Path
    authority: str

    def root(self) -> Bundle:
        """The root (根证书); made at the first call."""
        return self._kept(ROOT_FILE, self._new_root)

    def root_pem(self) -> bytes:
        """The root certificate alone, for those who verify."""
        return self.root().certificate.public_bytes(serialization.Encoding.PEM)

    def seal(self, name: str, *, body: str, district: str) -> FileSigner:
        """The signer of one department's seal `name` (file name without ending), made at the first call.

        `body` is the department's full name and `district` its district, as they stand in the certificate.
        """
        if not name.replace("-", "").isalnum() or not name.isascii():
            raise ValueError(f"not a key name: {name!r}")
        bundle = self._kept(f"seal-{name}.pem", lambda: self._new_seal(body, district))
        return FileSigner(bundle, self.root().certificate)

    def _kept(self, name: str, make: Callable[[], Bundle]) -> Bundle:
        path = self.directory / name
        if not path.exists():
            self._write_once(path, make().to_pem())
        return Bundle.from_pem(path.read_bytes())

    def _write_once(self, path: Path, data: bytes) -> None:
        """Whole or not at all, 0600 from the first byte; whoever comes second keeps the first one's."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.directory, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()

    def _new_root(self) -> Bundle:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lianshen"),
                x509.NameAttribute(NameOID.COMMON_NAME, self.authority),
            ]
        )
        start = datetime.now(UTC) - timedelta(days=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=365 * ROOT_YEARS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        return Bundle(key, builder.sign(key, hashes.SHA256()))

    def _new_seal(self, body: str, district: str) -> Bundle:
        root = self.root()
        key = ec.generate_private_key(ec.SECP256R1())
        start = datetime.now(UTC) - timedelta(days=1)
        end = min(start + timedelta(days=365 * SEAL_YEARS), root.certificate.not_valid_after_utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(
                x509.Name(
                    [
                        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
                        x509.NameAttribute(NameOID.LOCALITY_NAME, district),
                        x509.NameAttribute(NameOID.ORGANIZATION_NAME, body),
                        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "电子印章"),
                        x509.NameAttribute(NameOID.COMMON_NAME, body),
                    ]
                )
            )
            .issuer_name(root.certificate.subject)
            .public_key(key.public_key())
            .serial_number(secrets.randbits(127) | 1 << 126)
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(certificates=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
        )
        return Bundle(key, builder.sign(root.key, hashes.SHA256()))


def _usage(*, certificates: bool) -> x509.KeyUsage:
    """The root signs certificates and nothing else; a seal signs documents and nothing else."""
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def serial_of(certificate: bytes) -> str:
    """Serial number of a DER certificate, in hexadecimal."""
    return f"{x509.load_der_x509_certificate(certificate).serial_number:x}"
