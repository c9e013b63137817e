"""Kinds of fact with the type of their values, so that no handler casts what it loads."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from exchange.context import FactKey
from exchange.delivery.transaction import Transaction
from refusals import NotFound

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FactKind(Generic[T]):
    """A kind of fact on one matter: the first word of its keys, the type of its values, and its name for people."""

    word: str
    type: type[T]
    name: str = ""

    def key(self, party: str, id: str) -> FactKey:
        """The key of the fact of this kind on a party's matter."""
        return (self.word, party, id)

    def keys(self, party: str, id: str) -> list[FactKey]:
        """The key alone, as the keys of a subject that is this fact (`host.command_rows.Subject`)."""
        return [self.key(party, id)]

    def find(self, tx: Transaction, id: str) -> T | None:
        """The fact, loaded for change; None if there is none."""
        found = tx.get(self.key(tx.party, id))
        if found is None or isinstance(found, self.type):
            return found
        raise TypeError(f"a fact {self.word} is a {type(found).__name__}, not a {self.type.__name__}")

    def existing(self, tx: Transaction, id: str, *, field: str = "name") -> T:
        """The fact, loaded for change.

        Raises:
            NotFound: this party has none of this id.
        """
        found = self.find(tx, id)
        if found is None:
            raise NotFound(
                "there is no such {thing} at this party", thing=self.name or self.word, field=field
            )
        return found

    def save(self, tx: Transaction, id: str, value: T) -> None:
        """Change the fact."""
        tx.save(self.key(tx.party, id), value)
