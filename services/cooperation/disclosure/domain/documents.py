"""Documents of a matter: what is taken and what is not. Where the bytes are is left to the shelf.

Sizes are bytes, digests lower-case hex SHA-256. What a file is called may name a person, so that it is never repeated.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from agreement.information import disclosure as rules
from refusals import Malformed, WrongState

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Document:
    """A document that is attached to a matter. `disclosure` is the one that it came out of, "" for the desk's own."""

    party: str
    matter: str
    digest: str
    size: int
    media_type: str
    kind: str
    created: datetime
    disclosure: str = ""


@dataclass(frozen=True)
class Described:
    """A document as a grant describes it."""

    digest: str
    size: int
    media_type: str
    kind: str


@dataclass(frozen=True)
class Upload:
    """Declaration of a document before its bytes come."""

    kind: str
    size: int
    media_type: str
    digest: str
    file_name: str


@dataclass(frozen=True)
class DocumentAttached:
    """A document was attached to a matter."""

    digest: str
    size: int
    media_type: str
    kind: str
    disclosure: str = ""


@dataclass(frozen=True)
class DocumentRead:
    """A document was read by an officer."""

    digest: str
    purpose: str


@dataclass(frozen=True)
class DocumentDisclosed:
    """A document is handed to another party under a grant."""

    disclosure: str
    digest: str
    offset: int
    recipient: str
    purpose: str
    legal_basis: str
    authority: str
    ticket: str


def check_upload(upload: Upload, limit: int) -> None:
    """Refuse a document that is not taken, before any byte of it is. `limit` is the host's, in bytes.

    Raises:
        Malformed: a kind or media type that is not listed, a size over the limit, a file name that is a path, hides what
            it is, or does not fit the media type.
    """
    rules.kind(upload.kind, field="header.kind")
    media = rules.media_type(upload.media_type, field="header.media_type")
    if upload.size > limit:
        raise Malformed("over {limit} bytes", limit=limit, field="header.size", reason="TOO_LARGE")
    _check_name(upload.file_name, media)


def _check_name(name: str, media: rules.MediaType) -> None:
    field = "header.file_name"
    if "/" in name or "\\" in name or name in (".", ".."):
        raise Malformed("a file name has no path in it", field=field, reason="FILE_NAME")
    # Control and format characters: of these, some turn the direction of writing, to show another suffix.
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in name):
        raise Malformed("a file name has no control characters in it", field=field, reason="FILE_NAME")
    if name != name.strip() or name.startswith("."):
        raise Malformed(
            "a file name neither hides nor has blanks at its ends", field=field, reason="FILE_NAME"
        )
    if not name.lower().endswith(media.suffixes):
        raise Malformed("the file name is not one of the media type", field=field, reason="FILE_NAME")


def check_head(head: bytes, media_type: str) -> None:
    """Refuse a document that does not begin as its media type does. `head` are its first 16 bytes, or all if it has fewer.

    Raises:
        Malformed: it is something else.
    """
    if not rules.media_type(media_type).fits(head):
        raise Malformed(
            "the content is not of the media type", field="header.media_type", reason="MEDIA_TYPE_DIFFERS"
        )


def attach(upload: Upload, existing: Document | None) -> DocumentAttached:
    """Attach a document whose bytes are on the shelf.

    Raises:
        WrongState: it is attached to this matter.
    """
    if existing is not None:
        raise WrongState(
            "this document is attached to the matter", field="header.digest", reason="ALREADY_ATTACHED"
        )
    return DocumentAttached(upload.digest, upload.size, upload.media_type, upload.kind)


def is_digest(text: str) -> bool:
    """True if it is a SHA-256 in lower-case hex."""
    return bool(_DIGEST.fullmatch(text))
