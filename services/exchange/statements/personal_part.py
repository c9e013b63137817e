"""Personal parts: salted, committed to, sealed to the recipient. No I/O.

Plaintext on the way and at rest is 32 random bytes of salt and then the part; the statement carries
SHA-256(salt || part). Sealed with HPKE (RFC 9180) base mode, `info` = SHA-256 of the envelope, so that a sealed part
cannot be put beside another statement.
"""

import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = "X25519-HKDF-SHA256-AES128GCM"
SALT_BYTES = 32
MAX_BYTES = 512 * 1024
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class Damaged(ValueError):
    """The sealed part does not open, or is not what the statement commits to."""


def salted(part: bytes) -> bytes:
    """A part with a fresh salt in front."""
    return os.urandom(SALT_BYTES) + part


def without_salt(plain: bytes) -> bytes:
    """The part behind its salt; empty for nothing."""
    return plain[SALT_BYTES:]


def commitment(plain: bytes) -> bytes:
    """SHA-256 of salt and part."""
    return sha256(plain).digest()


def seal(plain: bytes, to: X25519PublicKey, envelope_digest: bytes) -> bytes:
    """Seal salt and part to the recipient of the envelope with this SHA-256."""
    return _SUITE.encrypt(plain, to, envelope_digest)


def unseal(sealed: bytes, key: X25519PrivateKey, envelope_digest: bytes, committed: bytes) -> bytes:
    """Open a sealed part and check the commitment; gives back salt and part.

    Raises:
        Damaged: it does not open with this key, or the commitment is another.
    """
    if len(sealed) > MAX_BYTES + 1024:
        raise Damaged("sealed part over 512 KiB")
    try:
        plain = _SUITE.decrypt(sealed, key, envelope_digest)
    except (InvalidTag, ValueError) as error:
        raise Damaged("the sealed part does not open") from error
    if len(plain) < SALT_BYTES or commitment(plain) != committed:
        raise Damaged("the sealed part is not what the statement commits to")
    return plain
