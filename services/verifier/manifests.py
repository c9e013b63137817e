"""The manifests of a pack (formats 2 and 3): what its maker states of all files, and each party of its own log."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from verifier.leaves import KINDS
from verifier.strict import (
    Bad,
    Json,
    list_of,
    members_of,
    number_of,
    read_base64,
    read_hex,
    read_instant,
    read_json,
    text_of,
)

PART_FORMAT = "netral-evidence-part/2"
PART_TYPE = "application/vnd.netral.evidence-part.v2+json"
# Formats of packs by name. Their parts and files are alike; timeline and VERIFY.md are not.
PACK_TYPES = {
    "netral-evidence-pack/2": "application/vnd.netral.evidence-pack.v2+json",
    "netral-evidence-pack/3": "application/vnd.netral.evidence-pack.v3+json",
}
# SHA-256 of the text VERIFY.md, which is the same in every pack of a format.
VERIFY_DIGESTS = {
    "netral-evidence-pack/2": "4134d6f3f014d9112ac5458336b20cdcbc6337c73f00184072758045a365ea46",
    "netral-evidence-pack/3": "a5f07283d8ad96eeea3077813b1801d81bb6d083db1b57e672a2e1ba72699495",
}
MANIFEST_FILES = frozenset({"manifest.json", "manifest.dsse.json"})
# Beside manifests and logs a pack has these files, and no others.
READABLE_FILES = frozenset(
    {
        "VERIFY.md",
        "documents.json",
        "parties-excerpt.json",
        "prov.json",
        "timeline.en.html",
        "timeline.en.pdf",
        "timeline.id.html",
        "timeline.id.pdf",
    }
)


@dataclass(frozen=True)
class Listed:
    """A leaf as a part lists it."""

    index: int
    kind: str
    matter: str


@dataclass(frozen=True)
class Scope:
    """The subject of a pack: matters, of a case if it is named, or a range of indexes (first, and one behind the last)."""

    case: str
    matters: Sequence[str]
    range: tuple[int, int] | None

    def plain(self) -> dict[str, Json]:
        """Give it as it stands in a manifest."""
        limits: Json = None if self.range is None else list(self.range)
        return {"case": self.case, "matters": list(self.matters), "range": limits}


@dataclass(frozen=True)
class Manifest:
    """Statements of both kinds of manifest: who signs, the scope, and SHA-256 (hex) and size of each file by its name."""

    signer: str
    scope: Scope
    files: Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class PackManifest(Manifest):
    """Manifest of a pack: its format, whose logs are in it, and what its maker could not read when it made the timeline."""

    format: str
    parts: Sequence[str]
    unread: Sequence[str]


@dataclass(frozen=True)
class PartManifest(Manifest):
    """Manifest of a part: size and root of a party's log, when that was its head (UTC), and the leaves in the scope."""

    size: int
    root: bytes
    as_of: datetime
    leaves: Sequence[Listed]


def read_pack_manifest(data: bytes) -> PackManifest:
    """Read the manifest above the parts.

    Raises:
        Bad: it is none.
    """
    said = members_of(read_json(data), "format maker scope parts files unread")
    format = text_of(said["format"])
    if format not in PACK_TYPES:
        raise Bad(f"its format is none of {', '.join(PACK_TYPES)}")
    parts = _sorted_once([_name(each) for each in list_of(said["parts"])])
    if not parts:
        raise Bad("it names no parts: a pack without a log proves nothing")
    unread = _sorted_once([_name(each) for each in list_of(said["unread"])])
    maker, scope, files = text_of(said["maker"]), _scope(said["scope"]), _files(said["files"])
    return PackManifest(maker, scope, files, format, parts, unread)


def read_part_manifest(data: bytes) -> PartManifest:
    """Read the manifest of a party's part.

    Raises:
        Bad: it is none.
    """
    said = members_of(read_json(data), "format party origin size root as_of scope leaves files")
    party = text_of(said["party"])
    if said["format"] != PART_FORMAT or said["origin"] != f"netral/{party}":
        raise Bad(f"its format is not {PART_FORMAT}, or its origin not that of its party")
    as_of = read_instant(text_of(said["as_of"]))
    if as_of.isoformat(timespec="microseconds") != said["as_of"]:
        raise Bad("its instant is not in UTC with microseconds")
    leaves = [_listed(each) for each in list_of(said["leaves"])]
    indexes = [each.index for each in leaves]
    if sorted(set(indexes)) != indexes:
        raise Bad("its leaves are not in order of index, each once")
    size, root = number_of(said["size"]), read_base64(text_of(said["root"]))
    return PartManifest(party, _scope(said["scope"]), _files(said["files"]), size, root, as_of, leaves)


def files_of(folder: str, index: int, kind: str) -> tuple[str, str]:
    """Name the files of a leaf and of its proof."""
    return f"{folder}leaves/{index:012d}.{kind}", f"{folder}proofs/{index:012d}.tlog-proof"


def _scope(value: Json) -> Scope:
    said = members_of(value, "case matters range")
    matters = _sorted_once([_name(each) for each in list_of(said["matters"])])
    limits = None if said["range"] is None else [number_of(each) for each in list_of(said["range"])]
    if (limits is None) == (not matters):
        raise Bad("its scope is neither matters nor a range")
    if limits is None:
        return Scope(text_of(said["case"]), matters, None)
    if len(limits) != 2 or limits[0] >= limits[1] or said["case"]:
        raise Bad("its range is not two numbers, or one of a case")
    return Scope(text_of(said["case"]), (), (limits[0], limits[1]))


def _files(value: Json) -> dict[str, tuple[str, int]]:
    listed = [members_of(each, "name sha256 size") for each in list_of(value)]
    names = _sorted_once([_name(each["name"]) for each in listed])
    digests = [read_hex(text_of(each["sha256"]), 32).hex() for each in listed]
    sizes = [number_of(each["size"]) for each in listed]
    return dict(zip(names, zip(digests, sizes, strict=True), strict=True))


def _listed(value: Json) -> Listed:
    said = members_of(value, "index kind matter")
    if said["kind"] not in KINDS.values():
        raise Bad("a leaf of its listing is of no kind")
    return Listed(number_of(said["index"]), text_of(said["kind"]), text_of(said["matter"]))


def _name(value: Json) -> str:
    name = text_of(value)
    if not re.fullmatch("[!-~]+", name):
        raise Bad("a name is not printable ASCII without spaces")
    return name


def _sorted_once(names: list[str]) -> list[str]:
    if sorted(set(names)) != names:
        raise Bad("its names are not in order, each once")
    return names
