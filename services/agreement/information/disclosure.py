"""Data and documents on request: purposes, what a holder gives to whom, personnel facts, media types that are taken.

Which basis permits whom to ask whom stands with `legal_bases`; here is what the holder gives when it does. The articles of
the PKS and the clauses of the SKB were not readable, so every rule says what of it is unconfirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated, Self

from pydantic import Field, PlainValidator, model_validator

from agreement import data_files
from agreement.data_files import Unknown as Unknown
from agreement.information import legal_bases

_FILE = "disclosure.toml"


HEAD = 16
"""As many first bytes show the type of every media type."""


class DisclosureRule(data_files.Model):
    """Data that whoever holds the role `of` gives to the role that asks; see the head of the data file."""

    data: data_files.Text
    role: data_files.Text
    of: data_files.Text
    purposes: Annotated[data_files.Texts, Field(min_length=1)]
    kinds: data_files.Texts
    fields: data_files.Texts
    automatic: bool
    case_only: bool
    identify: bool
    days: data_files.Number
    source: data_files.Text
    unconfirmed: data_files.Texts = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        listed = {(each.data, each.role, each.of) for each in legal_bases.data_requests()}
        if (self.data, self.role, self.of) not in listed:
            raise ValueError("data, role, of: nobody may ask so (statements.toml)")
        if not (self.kinds or self.fields):
            raise ValueError("kinds, fields: neither")
        return self

    @property
    def name(self) -> str:
        """The three words that tell it from all other rules."""
        return f"{self.data} {self.role} {self.of}"

    @property
    def period(self) -> timedelta:
        """Time for which the documents are kept for whoever asked."""
        return timedelta(days=self.days)


class Word(data_files.Model):
    """A code of a list, with its Indonesian text."""

    code: data_files.Text
    text: data_files.Text


def _hex(text: str) -> bytes:
    try:
        magic = bytes.fromhex(text)
    except ValueError:
        raise ValueError("not hexadecimal digits") from None
    return magic


class MediaType(data_files.Model):
    """A media type that is taken: the suffixes of its file names, and the bytes that it begins with."""

    type: data_files.Text
    suffixes: data_files.Texts
    begins: data_files.Several[Annotated[bytes, PlainValidator(_hex)]]
    at: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(self.at + len(magic) > HEAD for magic in self.begins):
            raise ValueError(f"begins: over {HEAD} bytes")
        return self

    def fits(self, head: bytes) -> bool:
        """True if a file with these first bytes (16 are enough) can be of this type."""
        return any(head[self.at : self.at + len(magic)] == magic for magic in self.begins)


class _File(data_files.Model):
    rule: data_files.Entries[DisclosureRule]
    purpose: data_files.Entries[Word]
    kind: data_files.Entries[Word]
    field: data_files.Entries[Word]
    media: data_files.Entries[MediaType]


@dataclass(frozen=True)
class _Data:
    rules: tuple[DisclosureRule, ...]
    purposes: Mapping[str, Word]
    kinds: Mapping[str, Word]
    facts: Mapping[str, Word]
    media: Mapping[str, MediaType]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    data_files.index(_FILE, found.rule, lambda each: each.name)
    data = _Data(
        rules=found.rule,
        purposes=data_files.index(_FILE, found.purpose, lambda each: each.code),
        kinds=data_files.index(_FILE, found.kind, lambda each: each.code),
        facts=data_files.index(_FILE, found.field, lambda each: each.code),
        media=data_files.index(_FILE, found.media, lambda each: each.type),
    )
    for rule in data.rules:
        for field, named, known in (
            ("purposes", rule.purposes, data.purposes),
            ("kinds", rule.kinds, data.kinds),
            ("fields", rule.fields, data.facts),
        ):
            if not set(named) <= set(known):
                raise data_files.BrokenData(_FILE, rule.name, f"{field}: a code is not listed")
    return data


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def rules() -> tuple[DisclosureRule, ...]:
    """The rules of all data and roles, in the order of the file."""
    return _data().rules


def rule(data: str, role: str, of: str) -> DisclosureRule | None:
    """The rule for a role that asks whoever holds the role `of`; None if that is not given on request."""
    return next((each for each in _data().rules if (each.data, each.role, each.of) == (data, role, of)), None)


def data_words() -> tuple[str, ...]:
    """The data that are given on request."""
    return tuple(dict.fromkeys(each.data for each in _data().rules))


def purposes() -> Mapping[str, Word]:
    """The purposes that a request may name, under their codes."""
    return _data().purposes


def purpose(code: str, *, field: str = "purpose") -> Word:
    """The purpose with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().purposes, code, "not a listed purpose", field)


def kinds() -> Mapping[str, Word]:
    """The kinds of documents, under their codes."""
    return _data().kinds


def kind(code: str, *, field: str = "kind") -> Word:
    """The kind of document with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().kinds, code, "not a listed kind of document", field)


def facts() -> Mapping[str, Word]:
    """The personnel facts that may be asked for, under their codes."""
    return _data().facts


def fact(code: str, *, field: str = "fields") -> Word:
    """The personnel fact with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().facts, code, "not a listed personnel fact", field)


def media_types() -> Mapping[str, MediaType]:
    """The media types that are taken, under their names."""
    return _data().media


def media_type(name: str, *, field: str = "media_type") -> MediaType:
    """The media type with a name such as `application/pdf`. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().media, name, "not a media type that is taken", field)
