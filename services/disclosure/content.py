"""The content of a document on its way out, in pieces of at most 256 KiB. Whoever calls this has recorded it."""

from collections.abc import AsyncIterator

from disclosure.sealing import Name
from disclosure.shelf import Shelf
from exchange.refusals import WrongState
from exchange.transaction import Desk


async def content(desk: Desk, shelf: Shelf, name: Name, offset: int) -> AsyncIterator[bytes]:
    """The content of a document from an offset on.

    Raises:
        WrongState: it was erased.
    """
    matter = (name.party, name.matter)
    key = (await desk.vault.keys([matter], make=False)).get(matter)
    if key is None:
        raise WrongState("the document was erased", reason="ERASED")
    async for piece in shelf.read(name, key, offset):
        yield piece
