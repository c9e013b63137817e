"""Envelopes as the trail keeps them: DSSE 1.0 in protobuf, read strictly. No I/O.

The signature (Ed25519) is over PAE(type, payload). Exactly one signature and the one encoding that we would print: nobody
on the way can make a second set of bytes for the same statement.
"""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.formats import dsse
from netral.exchange.v1 import statement_pb2

MAX_BYTES = 60 * 1024
STATEMENT = "application/vnd.netral.statement.v1+protobuf"
RECEIPT = "application/vnd.netral.receipt.v1+protobuf"


class Unreadable(ValueError):
    """The bytes are not a leaf, an envelope or a message as we print it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that was read and not yet verified. `data` are its bytes as they came."""

    data: bytes
    payload: bytes
    payload_type: str
    keyid: str
    signature: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes."""
        return sha256(self.data).digest()

    def verified_by(self, key: Ed25519PublicKey) -> bool:
        """True if the key signed it."""
        return dsse.is_signed_by(key, self.signature, self.payload_type, self.payload)


def read(data: bytes) -> Envelope:
    """Read an envelope strictly; it is not verified yet.

    Raises:
        Unreadable: not protobuf, not exactly one signature, too long, or another encoding than ours.
    """
    message = statement_pb2.Envelope()
    try:
        message.ParseFromString(data)
    except Exception as error:  # protobuf raises DecodeError, and others on hostile bytes
        raise Unreadable("not an envelope") from error
    if len(message.signatures) != 1:
        raise Unreadable("not exactly one signature")
    if len(message.payload) > MAX_BYTES:
        raise Unreadable("payload over 60 KiB")
    signature = message.signatures[0]
    if encode(message.payload, message.payload_type, signature.keyid, signature.sig) != data:
        raise Unreadable("not the encoding that was signed")
    return Envelope(data, message.payload, message.payload_type, signature.keyid, signature.sig)


def encode(payload: bytes, payload_type: str, keyid: str, signature: bytes) -> bytes:
    """Print an envelope in the one encoding that is read."""
    return statement_pb2.Envelope(
        payload=payload,
        payload_type=payload_type,
        signatures=[statement_pb2.Signature(sig=signature, keyid=keyid)],
    ).SerializeToString()
