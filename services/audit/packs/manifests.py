"""Manifests of a pack, read strictly by models: what its maker states of all files, and each party of its own log.

They are read in the one form in which `layout` prints them. The stand-alone verifier reads the same by its own code.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from audit.formats.canonical import MAX_NUMBER, read_base64
from audit.formats.checkpoint import origin_of
from audit.packs import view
from audit.packs.canonical_json import print_json


class BadManifest(ValueError):
    """Not a manifest as its format has it."""


def _in_order(names: Sequence[str]) -> Sequence[str]:
    if sorted(set(names)) != list(names):
        raise ValueError("names that are not in order, each once")
    return names


def _read_instant(text: str) -> str:
    at = datetime.fromisoformat(text)
    if at.utcoffset() != timedelta(0) or at.isoformat(timespec="microseconds") != text:
        raise ValueError("an instant that is not in UTC with microseconds")
    return text


Number = Annotated[int, Field(ge=0, le=MAX_NUMBER)]
Name = Annotated[str, Field(pattern=r"^[!-~]+$")]
Names = Annotated[list[Name], AfterValidator(_in_order)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Instant = Annotated[str, AfterValidator(_read_instant)]
Kind = Literal["statement", "receipt", "record", "chains"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FileEntry(_Strict):
    """A file with its SHA-256 (hex) and its size in bytes."""

    name: Name
    sha256: Digest
    size: Number


class LeafEntry(_Strict):
    """A leaf of the scope by its index in the log."""

    index: Number
    kind: Kind
    matter: str


class ScopeEntry(_Strict):
    """The subject: matters, of a case if it is named, or a range of indexes."""

    case: str
    matters: Names
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.range is None) == (not self.matters):
            raise ValueError("neither matters nor a range")
        if self.range is not None and (self.case or self.range[0] >= self.range[1]):
            raise ValueError("a range that is empty, or of a case")
        return self

    def scope(self) -> view.Scope:
        first, end = self.range or (0, 0)
        return view.Scope(tuple(self.matters), self.case, first, end)


def _files_in_order(files: list[FileEntry]) -> list[FileEntry]:
    _in_order([file.name for file in files])
    return files


Files = Annotated[list[FileEntry], AfterValidator(_files_in_order)]


class PackManifest(_Strict):
    """Manifest of a pack, as its maker states it."""

    format: Literal["netral-evidence-pack/2", "netral-evidence-pack/3"]
    maker: str
    scope: ScopeEntry
    parts: Annotated[Names, Field(min_length=1)]
    files: Files
    unread: Names


class PartManifest(_Strict):
    """Manifest of a part, as a party states it of its log."""

    format: Literal["netral-evidence-part/2"]
    party: str
    origin: str
    size: Number
    root: str
    as_of: Instant
    scope: ScopeEntry
    leaves: list[LeafEntry]
    files: Files

    @model_validator(mode="after")
    def _fits(self) -> Self:
        indexes = [leaf.index for leaf in self.leaves]
        if sorted(set(indexes)) != indexes or self.origin != origin_of(self.party):
            raise ValueError("leaves that are not in order, or an origin of another party")
        read_base64(self.root)
        return self

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.as_of)


class EnvelopeSignature(_Strict):
    """A signature of an envelope, in base64."""

    keyid: str
    sig: str


class ManifestEnvelope(_Strict):
    """The DSSE envelope around a manifest."""

    payload: str
    payloadType: str
    signatures: Annotated[list[EnvelopeSignature], Field(min_length=1, max_length=1)]


class ChainEntry(_Strict):
    """A matter's chain and its proof, in hexadecimal."""

    key: str
    length: Number
    head: Digest
    case: Digest
    siblings: Annotated[list[Digest], Field(max_length=256)]
    other: Annotated[str, Field(pattern=r"^[0-9a-f]{208}$")] | None

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        if self.length and self.other is not None:
            raise ValueError("a chain, and another one at its place")
        if not self.length and self.case != "0" * 64:
            raise ValueError("no chain, and a case")
        return self


Model = TypeVar("Model", bound=_Strict)


def read(model: type[Model], content: bytes) -> Model:
    """A file of a pack as one of these models.

    Raises:
        BadManifest: it is none, or not in the one form that a pack's JSON has.
    """
    try:
        document: JsonValue = json.loads(content.decode("ascii"))
        if print_json(document) != content:
            raise BadManifest("not in the one form that a pack's JSON has")
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadManifest(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise BadManifest(str(error)) from None
