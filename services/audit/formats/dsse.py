"""Bytes under a DSSE signature: Dead Simple Signing Envelope 1.0, Ed25519. No I/O.

The envelope around it is protobuf and read by those who exchange or verify it.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def is_signed_by(key: Ed25519PublicKey, signature: bytes, payload_type: str, payload: bytes) -> bool:
    """True if the key made this signature over type and payload."""
    try:
        key.verify(signature, pae(payload_type, payload))
    except InvalidSignature:
        return False
    return True
