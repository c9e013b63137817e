"""Envelopes that the exchange signs, once; their bytes are kept. No I/O. Reading them is the trail's (`audit.log.envelope`)."""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.formats import dsse
from audit.log.envelope import MAX_BYTES, RECEIPT, STATEMENT, Envelope, Unreadable, encode, read

__all__ = [
    "ASK",
    "HOLDINGS",
    "HOLDINGS_ASK",
    "MAX_BYTES",
    "PAIRING",
    "RECEIPT",
    "STATEMENT",
    "Envelope",
    "Unreadable",
    "keyid_of",
    "read",
    "sign",
]

ASK = "application/vnd.netral.ask.v1+protobuf"
PAIRING = "application/vnd.netral.pairing.v1+protobuf"
HOLDINGS_ASK = "application/vnd.netral.holdings-ask.v1+protobuf"
HOLDINGS = "application/vnd.netral.holdings.v1+protobuf"


def keyid_of(key: Ed25519PublicKey) -> str:
    """Lower-case hex SHA-256 of the SubjectPublicKeyInfo."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def sign(payload: bytes, payload_type: str, key: Ed25519PrivateKey, keyid: str) -> bytes:
    """The bytes of a signed envelope; they are kept and never made again."""
    signature = key.sign(dsse.pae(payload_type, payload))
    return encode(payload, payload_type, keyid, signature)
