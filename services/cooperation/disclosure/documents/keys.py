"""Loads the document key before the disclosure is recorded, so that only what can be carried out is recorded."""

from cooperation.disclosure.documents.encryption import DocumentRef
from cooperation.disclosure.documents.store import DocumentStore
from exchange.context import HostContext
from refusals import WrongState


async def key_to_keep(desk: HostContext, party: str, matter: str) -> bytes:
    """The data key under which a matter's new documents are kept.

    Raises:
        WrongState: the matter was erased: nothing is kept of it.
    """
    key = (await desk.vault.keys([(party, matter)], make=True)).get((party, matter))
    if key is None:
        raise WrongState("the matter was erased lawfully; no document can be added", reason="ERASED")
    return key


async def key_of(desk: HostContext, shelf: DocumentStore, name: DocumentRef) -> bytes:
    """The data key under which a document opens; asked for before its disclosure or reading is recorded.

    Raises:
        WrongState: it was erased.
    """
    matter = (name.party, name.matter)
    key = (await desk.vault.keys([matter], make=False)).get(matter)
    if key is None:
        raise WrongState("the document was erased", reason="ERASED")
    await shelf.check(name, key)
    return key
