"""Entries of a timeline in format 2: an act by one word, facts by the names of their fields, codes as they stand. Pure.

Frozen with its words: whoever holds a pack of format 2 makes its page again.
"""

from collections.abc import Collection, Iterator, Sequence

from audit.packs import formats
from audit.packs.formats import FORMAT_2, LANGUAGES, Language
from audit.packs.timeline.entries import Entry, documents
from audit.packs.timeline.lines import act_of, kept, utc

FORMAT = FORMAT_2


class FieldNames:
    """Lines of format 2 in one language; of the types that are `unread` only the code is shown."""

    format = FORMAT

    def __init__(self, language: Language, unread: Collection[str] = ()) -> None:
        self.language = language
        self._unread = unread

    def _word(self, group: str, word: str) -> str:
        """A word, or what was looked up if there is none."""
        both = formats.plain_words()[group].get(word)
        return both[LANGUAGES.index(self.language)] if both else word

    def label(self, word: str) -> str:
        return self._word("label", word)

    def labels(self) -> dict[str, str]:
        """All labels, for the template."""
        return {word: self.label(word) for word in formats.plain_words()["label"]}

    def party(self, id: str) -> str:
        """An institution by its id."""
        return id

    def what(self, entry: Entry) -> Iterator[str]:
        """The act, its type, and to whom it was sent."""
        label = self.label
        act = act_of(entry.type)
        yield act if entry.type in self._unread else self._word("act", act)
        yield f"{label(entry.kind)} {entry.type}"
        if entry.recipient:
            yield f"{label('to')} {entry.recipient}, {label('number')} {entry.sequence}"
        if entry.state:
            yield f"{label('state')}: {entry.state}"
        if entry.copy_of:
            yield f"{label('copy_of')} {entry.copy_of}"

    def who(self, entry: Entry) -> Iterator[str]:
        """The party, its actor, and the legal basis."""
        yield entry.party
        if entry.actor:
            yield f"{self._word('actor', entry.actor_kind)} {entry.actor}"
        if entry.basis:
            yield f"{self.label('basis')}: {entry.basis}"

    def facts(self, entry: Entry) -> Iterator[str]:
        """Each value behind its path in the contract."""
        for fact in entry.facts:
            yield f"{fact.path}: {fact.value}"
        if entry.commitment:
            yield f"{self.label('personal')} {entry.commitment}"

    def places(self, entry: Entry) -> Iterator[str]:
        """Places of the entry and its receipts in the logs."""
        label = self.label
        yield entry.id
        yield kept(entry.kept)
        for answer in entry.answers:
            said = self._word("outcome", answer.outcome) if answer.outcome else ""
            reason = f" ({answer.reason})" if answer.reason else ""
            yield f"{label(answer.stage)} {answer.signer} {utc(answer.time)} {said}{reason}".rstrip()
            yield kept(answer.kept)
        if entry.kind == "statement" and not entry.answers:
            yield label("no_receipt")

    def document_lines(self, story: Sequence[Entry]) -> list[str]:
        """The documents that are named, each with where it stands."""
        return [
            f"{document['sha256']}  {document['named']}  {document['type']}  {document['in']}"
            for document in documents(story)
        ]
