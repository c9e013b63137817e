"""Several rooms in one host, put together: their tables by the first word of a key, their handlers by original and copy.

Pure: a host says in its `__main__` which rooms it has.
"""

from collections.abc import Collection, Mapping
from typing import Any

from exchange.context import EntityStore, FactKey
from exchange.delivery.inbox.handlers import Handler, Handlers, IncomingStatement
from exchange.delivery.transaction import Transaction
from storage.protocols import Connection


def stores(by_word: Mapping[str, EntityStore]) -> EntityStore:
    """One store out of many: each has the facts whose keys begin with its words, in the order given here.

    The order is the order of locking, so it must be the same wherever facts of two rooms change together.
    """
    words: dict[int, set[str]] = {}
    each: dict[int, EntityStore] = {}
    for word, store in by_word.items():
        each[id(store)] = store
        words.setdefault(id(store), set()).add(word)

    async def load(connection: Connection, keys: Collection[FactKey]) -> dict[FactKey, Any]:
        found: dict[FactKey, Any] = {}
        for name, store in each.items():
            if own := {key for key in keys if key[0] in words[name]}:
                found |= await store.load(connection, own)
        return found

    async def save(connection: Connection, facts: Mapping[FactKey, Any], new: Collection[FactKey]) -> None:
        unknown = {key[0] for key in facts} - by_word.keys()
        assert not unknown, f"no room keeps {', '.join(sorted(unknown))}"
        for name, store in each.items():
            own = {key: value for key, value in facts.items() if key[0] in words[name]}
            if own:
                await store.save(connection, own, {key for key in new if key in own})

    return EntityStore(load, save)


def originals_and_copies(originals: Handlers, copies: Handlers) -> Handlers:
    """One table of handlers: a copy (tembusan) goes to the room of `copies`, everything else to that of `originals`.

    A type that only one room takes goes there, copy or not: what it does with it is the room's own matter.
    """
    found = {**originals, **copies}
    for type in originals.keys() & copies.keys():
        found[type] = _by_copy(originals[type], copies[type])
    return found


def wherever_known(*handlers: Handler) -> Handler:
    """A type that tells something to several rooms of one party: it goes to each that has the matter, or to the first."""
    needs = tuple(dict.fromkeys(word for handler in handlers for word in handler.needs))
    assert len({handler.facts for handler in handlers}) == 1, "two rooms read one type differently"

    def handle(tx: Transaction, received: IncomingStatement) -> None:
        place = (tx.party, received.matter)
        known = [each for each in handlers if any(tx.get((word, *place)) is not None for word in each.needs)]
        for handler in known or handlers[:1]:
            handler.handle(tx, received)

    return Handler(handlers[0].facts, handle, needs)


def _by_copy(original: Handler, copy: Handler) -> Handler:
    assert original.facts is copy.facts, "two rooms read one type differently"

    def handle(tx: Transaction, received: IncomingStatement) -> None:
        (copy if received.copy_of else original).handle(tx, received)

    return Handler(original.facts, handle, tuple(dict.fromkeys((*original.needs, *copy.needs))))
