"""Data and documents on request: purposes, what a holder gives to whom, personnel facts, media types that are taken.

Which basis permits whom to ask whom stands with `legal_bases`; here is what the holder gives when it does. The articles of
the PKS and the clauses of the SKB were not readable, so every rule says what of it is unconfirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from agreement import data_files
from agreement.data_files import Unknown as Unknown
from agreement.information import legal_bases

_FILE = "disclosure.toml"


@dataclass(frozen=True)
class Rule:
    """What whoever holds the role `of` gives of `data` to the role that asks; see the head of the data file."""

    data: str
    role: str
    of: str
    purposes: tuple[str, ...]
    kinds: tuple[str, ...]
    fields: tuple[str, ...]
    automatic: bool
    case_only: bool
    identify: bool
    period: timedelta
    source: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """A code of a list, with its Indonesian text."""

    code: str
    text: str


@dataclass(frozen=True)
class MediaType:
    """A media type that is taken: the suffixes of its file names, and the bytes that it begins with."""

    type: str
    suffixes: tuple[str, ...]
    at: int
    begins: tuple[bytes, ...]

    def fits(self, head: bytes) -> bool:
        """Whether a file with these first bytes (16 are enough) can be of this type."""
        return any(head[self.at : self.at + len(magic)] == magic for magic in self.begins)


HEAD = 16
"""As many first bytes show the type of every media type."""


def _parse_rule(entry: data_files.Entry) -> Rule:
    rule = Rule(
        data=entry.text("data"),
        role=entry.text("role"),
        of=entry.text("of"),
        purposes=entry.texts("purposes"),
        kinds=entry.texts("kinds"),
        fields=entry.texts("fields"),
        automatic=entry.flag("automatic"),
        case_only=entry.flag("case_only"),
        identify=entry.flag("identify"),
        period=timedelta(days=entry.number("days")),
        source=entry.text("source"),
        unconfirmed=entry.optional("unconfirmed", entry.texts) or (),
    )
    entry.done()
    listed = {(each.data, each.role, each.of) for each in legal_bases.data_requests()}
    if (rule.data, rule.role, rule.of) not in listed:
        raise entry.broken("data, role, of: nobody may ask so (statements.toml)")
    if not rule.purposes or not (rule.kinds or rule.fields):
        raise entry.broken("no purposes, or neither kinds nor fields")
    return rule


def _parse_word(entry: data_files.Entry) -> Word:
    word = Word(entry.text("code"), entry.text("text"))
    entry.done()
    return word


def _parse_media(entry: data_files.Entry) -> MediaType:
    at = entry.optional("at", entry.number) or 0
    begins = tuple(bytes.fromhex(text) for text in entry.texts("begins"))
    media = MediaType(entry.text("type"), entry.texts("suffixes"), at, begins)
    entry.done()
    if any(at + len(magic) > HEAD for magic in begins):
        raise entry.broken(f"begins: over {HEAD} bytes")
    return media


@dataclass(frozen=True)
class _Data:
    rules: tuple[Rule, ...]
    purposes: Mapping[str, Word]
    kinds: Mapping[str, Word]
    facts: Mapping[str, Word]
    media: Mapping[str, MediaType]


def _parse(text: str) -> _Data:
    found = data_files.entries(_FILE, text, "code", "rule", "purpose", "kind", "field", "media")
    purposes, kinds, facts = (
        [_parse_word(each) for each in found[name]] for name in ("purpose", "kind", "field")
    )
    media = [_parse_media(each) for each in found["media"]]
    data = _Data(
        rules=tuple(_parse_rule(each) for each in found["rule"]),
        purposes=data_files.by_code(_FILE, ((each.code, each) for each in purposes)),
        kinds=data_files.by_code(_FILE, ((each.code, each) for each in kinds)),
        facts=data_files.by_code(_FILE, ((each.code, each) for each in facts)),
        media=data_files.by_code(_FILE, ((each.type, each) for each in media)),
    )
    data_files.by_code(_FILE, ((f"{each.data} {each.role} {each.of}", each) for each in data.rules))
    for rule in data.rules:
        for named, known in (
            (rule.purposes, data.purposes),
            (rule.kinds, data.kinds),
            (rule.fields, data.facts),
        ):
            if not set(named) <= set(known):
                raise data_files.BrokenData(
                    _FILE, f"{rule.data} {rule.role} {rule.of}", "a code is not listed"
                )
    return data


_DATA = _parse(data_files.read(_FILE))


def rules() -> tuple[Rule, ...]:
    """What is given to whom, in the order of the file."""
    return _DATA.rules


def rule(data: str, role: str, of: str) -> Rule | None:
    """The rule for a role that asks whoever holds the role `of`; None if that is not given on request."""
    return next((each for each in _DATA.rules if (each.data, each.role, each.of) == (data, role, of)), None)


def data_words() -> tuple[str, ...]:
    """The data that are given on request."""
    return tuple(dict.fromkeys(each.data for each in _DATA.rules))


def purposes() -> Mapping[str, Word]:
    """The purposes that a request may name, under their codes."""
    return _DATA.purposes


def purpose(code: str, *, field: str = "purpose") -> Word:
    """The purpose with a code. Raises `Unknown` for any other text."""
    return _known(_DATA.purposes, code, "not a listed purpose", field)


def kinds() -> Mapping[str, Word]:
    """The kinds of documents, under their codes."""
    return _DATA.kinds


def kind(code: str, *, field: str = "kind") -> Word:
    """The kind of document with a code. Raises `Unknown` for any other text."""
    return _known(_DATA.kinds, code, "not a listed kind of document", field)


def facts() -> Mapping[str, Word]:
    """The personnel facts that may be asked for, under their codes."""
    return _DATA.facts


def fact(code: str, *, field: str = "fields") -> Word:
    """The personnel fact with a code. Raises `Unknown` for any other text."""
    return _known(_DATA.facts, code, "not a listed personnel fact", field)


def media_types() -> Mapping[str, MediaType]:
    """The media types that are taken, under their names."""
    return _DATA.media


def media_type(name: str, *, field: str = "media_type") -> MediaType:
    """The media type with a name such as `application/pdf`. Raises `Unknown` for any other text."""
    return _known(_DATA.media, name, "not a media type that is taken", field)


def _known(entries: Mapping[str, data_files.T], code: str, problem: str, field: str) -> data_files.T:
    try:
        return entries[code]
    except KeyError:
        raise Unknown(problem, field=field) from None
