"""Entries of a timeline in the words that officers use, format 3: acts, labels of facts, texts of codes, in one language. Pure.

The words are those of the format's files and never those of the agreement's data of today, so a page made years later has the
same bytes. A word that is not there is shown as it was looked up and noted (`missing`): a pack names it, so that a later version,
which may have a word, shows the same. Which facts there are is left to `timeline`.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from audit.packs.formats import FORMAT_3, LANGUAGES, Language, word_table
from audit.packs.timeline.entries import Entry, Fact, Step, short_name
from audit.packs.timeline.lines import kept, utc, words_of

_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile("([0-9-]{10})T([0-9:.]+)Z")
_MOST_BYTES = 64  # a digest or a signature; longer bytes are a whole message
_TYPE_OF_CONTENT = "google.protobuf.Any.type_url"  # the forwarded statement's own type is shown


class OfficersWords:
    """The words of one language; what is `unread` is shown as it stands."""

    format = FORMAT_3

    def __init__(self, language: Language, unread: Collection[str] = ()) -> None:
        self.language = language
        self.missing: set[str] = set()
        self._unread = frozenset(unread)
        self._table = word_table()

    def _find(self, group: str, *keys: str, name: str = "") -> str | None:
        """The word of the first key that has one; without any its name is noted as missing."""
        missing = name or f"{group}/{keys[0]}"
        if missing not in self._unread:
            words = self._table.words.get(group, {})
            for both in (words[key] for key in keys if key in words):
                return both[LANGUAGES.index(self.language)]
        self.missing.add(missing)
        return None

    def label(self, word: str) -> str:
        return self._find("label", word) or word

    def labels(self) -> dict[str, str]:
        """All labels, for the template."""
        return {word: self.label(word) for word in self._table.words["label"]}

    def act(self, type: str, facts_type: str = "", facts: Sequence[Fact] = ()) -> str:
        """Words for an act or statement, by its type and, where it decides, by a value of its facts."""
        if type in self._unread:
            self.missing.add(type)
            return type
        words = words_of(type)
        names = (".".join(words[-2:]), words[-1] if words else "")
        for name in (name for name in names if name in self._table.by):
            value = _value_of(self._table.by[name], facts_type, facts)
            if value and (found := self._find("act", f"{name}/{value}")):
                return found
        return self._find("act", *names, name=type) or type

    def code(self, code: str, *lists: str) -> str:
        """The text of a code by the first list that has it, with the code behind it where officers quote it."""
        having = (each for each in lists if code in self._table.words.get(f"code/{each}", {}))
        of = next(having, lists[-1])
        text = self._find(f"code/{of}", code, name=f"code/{lists[-1]}/{code}")
        if text is None:
            return code
        return f"{text} ({code})" if of in self._table.codes_shown else text

    def party(self, id: str) -> str:
        """An institution by its id."""
        return self.code(id, "institution")

    # Lines of an entry

    def what(self, entry: Entry) -> Iterator[str]:
        """The act, its type, and to whom it was sent."""
        label = self.label
        yield self.act(entry.type, entry.facts_type, entry.facts)
        yield f"{label(entry.kind)} {entry.type}"
        if entry.recipient:
            yield f"{label('to')} {self.party(entry.recipient)}, {label('number')} {entry.sequence}"
        if entry.state:
            yield f"{label('state')}: {self.code(entry.state, 'state')}"
        if entry.copy_of:
            yield f"{label('copy_of')} {entry.copy_of}"

    def who(self, entry: Entry) -> Iterator[str]:
        """The party, its actor, and the legal basis."""
        yield self.party(entry.party)
        if entry.actor:
            kind = self._find("actor", entry.actor_kind) if entry.actor_kind else None
            yield f"{kind or ''} {entry.actor}".strip()
        if entry.basis:
            yield f"{self.label('basis')}: {self.code(entry.basis, 'basis')}"

    def facts(self, entry: Entry) -> Iterator[str]:
        """Each value behind its label, the values of one field in one line; then the warnings of rules."""
        for label, same in groupby(entry.facts, self._label):
            values = [self._text(fact) for fact in same if fact.steps[-1:] != (Step(_TYPE_OF_CONTENT, None),)]
            if values:
                yield f"{label}: {'; '.join(values)}"
        if entry.warnings:
            yield self.warned(entry.warnings)
        if entry.commitment:
            yield f"{self.label('personal')} {entry.commitment}"

    def warned(self, reasons: Sequence[str]) -> str:
        """The warnings of rules, for which a reason was stated."""
        return f"{self.label('warned')}: {'; '.join(self.code(reason, 'warning') for reason in reasons)}"

    def places(self, entry: Entry) -> Iterator[str]:
        """Places of the entry and its receipts in the logs."""
        label = self.label
        yield entry.id
        yield kept(entry.kept)
        for answer in entry.answers:
            said = (self._find("outcome", answer.outcome) or answer.outcome) if answer.outcome else ""
            reason = f": {self.code(answer.reason, 'refusal')}" if answer.reason else ""
            signer = self.party(answer.signer)
            yield f"{label(answer.stage)} {signer} {utc(answer.time)} {said}{reason}".rstrip()
            yield kept(answer.kept)
        if entry.kind == "statement" and not entry.answers:
            yield label("no_receipt")

    def document_lines(self, story: Sequence[Entry]) -> list[str]:
        """The documents that are named, each with where it stands."""
        return [
            f"{fact.value}  {self._label(fact)}  {self.act(entry.type, entry.facts_type, entry.facts)}  {entry.id}"
            for entry in story
            for fact in entry.facts
            if fact.document
        ]

    # Facts

    def _label(self, fact: Fact) -> str:
        if not fact.steps:
            return f"{self.label('unread')}: {fact.path}"
        words = [self._field(step.field) for step in fact.steps]
        places = [f" {step.place + 1}" if step.place is not None else "" for step in fact.steps[:-1]]
        return " › ".join(word + place for word, place in zip(words, (*places, ""), strict=True))

    def _field(self, field: str) -> str:
        return self._find("field", field, field.rpartition(".")[2]) or field

    def _text(self, fact: Fact) -> str:
        match fact.kind:
            case "code":
                return self.code(fact.code, fact.codes)
            case "flag":
                return self.label("yes" if fact.value == "true" else "no")
            case "date":
                return self.day(fact.value)
            case "instant":
                found = _INSTANT.fullmatch(fact.value)
                return f"{self.day(found[1])} {found[2]} UTC" if found else fact.value
            case "bytes":
                return self._bytes(bytes.fromhex(fact.value))
            case "text" if fact.steps:
                return self._coded(fact.value, fact.steps[-1].field)
            case _:
                return fact.value

    def _coded(self, value: str, field: str) -> str:
        """A text field's value: the text of its code where it has a list."""
        of = self._table.codes_of
        lists = of[field] if field in of else of.get(field.rpartition(".")[2], ())
        if not lists or not value:
            return value
        if lists[0] == "event":
            return self.act(value)
        code, space, rest = value.partition(" ")  # `REMINDED 2024-08-30`, `sanction <statement>`
        if lists[0] == "step":
            return self.code(code, "step") + space + rest
        if lists[0].startswith("label:"):
            return self._field(f"{lists[0].removeprefix('label:')}.{code}") + space + rest
        return self.code(value, *lists)

    def day(self, text: str) -> str:
        """A calendar date in ISO form as it is written in this language; another text as it stands."""
        found = _DATE.fullmatch(text)
        if not found or not 1 <= int(found[2]) <= 12:
            return text
        month = self._table.months[int(found[2]) - 1][LANGUAGES.index(self.language)]
        return f"{int(found[3])} {month} {found[1]}"

    def _bytes(self, value: bytes) -> str:
        if len(value) == 16:
            return str(UUID(bytes=value))
        if len(value) <= _MOST_BYTES:
            return value.hex()
        return f"{len(value)} {self.label('bytes')} {sha256(value).hexdigest()}"


def _value_of(field: str, facts_type: str, facts: Sequence[Fact]) -> str:
    """The value that an act's words follow; empty if it is unset or could not be read."""
    if field == "facts":
        return short_name(facts_type).rpartition(".")[2] if any(fact.steps for fact in facts) else ""
    for fact in facts:
        if len(fact.steps) == 1 and fact.steps[0].field.rpartition(".")[2] == field:
            return fact.code or fact.value
    return ""
