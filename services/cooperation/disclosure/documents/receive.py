"""Bytes of a document that come, from an officer or another party's desk, into a draft: counted, typed, hashed.

What proves wrong is dropped whole; what breaks off stays as far as it came.
"""

from collections.abc import AsyncIterable

from agreement.information.disclosure import HEAD
from cooperation.disclosure.documents.store import Upload
from cooperation.disclosure.domain import documents as domain
from refusals import Malformed, WrongState


async def receive_upload(draft: Upload, pieces: AsyncIterable[bytes], media_type: str) -> None:
    """Write everything that comes to the draft; it is whole and as declared when this returns.

    Raises:
        Malformed: more bytes than declared, not of the media type, or another SHA-256: the draft is dropped.
        WrongState: the end came too early; the draft is kept as far as it came.
    """
    try:
        await _take(draft, pieces, media_type)
    except Malformed:
        draft.drop()
        raise


async def _take(draft: Upload, pieces: AsyncIterable[bytes], media_type: str) -> None:
    name, looked = draft.name, False
    async for piece in pieces:
        if draft.received + len(piece) > name.size:
            raise Malformed("more bytes than declared", field="header.size", reason="SIZE_DIFFERS")
        await draft.write(piece)
        if not looked and draft.received >= min(HEAD, name.size):
            domain.check_head(draft.head, media_type)
            looked = True
    if draft.received < name.size:
        raise WrongState("the stream ended before the document did", field="header.size", reason="INCOMPLETE")
    domain.check_head(draft.head, media_type)
    if draft.digest != name.digest:
        raise Malformed(
            "the content has another SHA-256 than declared", field="header.digest", reason="DIGEST_DIFFERS"
        )
