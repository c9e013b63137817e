"""The work of making one evidence pack, as a value that goes to another process: plain data in, the pack's bytes out.

It takes no private key and no database: `ask` has the party sign a manifest in the host, and what is read was read before. So that
a host does not carry what only this work needs, `run` imports it where it runs.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from audit.packs.view import Scope, Signer, View
from audit.verification.findings import AuthorKey, Keys

if TYPE_CHECKING:
    from audit.packs.layout import Files

Ask = Callable[[str, bytes], bytes]
"""Asks for the signature of a payload of a type."""


class NotJoined(ValueError):
    """A pack that was handed in cannot be joined; `field` names it."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class PublicKey(NamedTuple):
    """An `AuthorKey` by its keyid, in a form that can be handed over."""

    keyid: str
    party: str
    public: bytes
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PackJob:
    """A pack of a party's view and of the packs that others made of the same subject (`joined`), checked by `parties_file`."""

    party: str
    scope: Scope
    view: View
    keyid: str
    keys: tuple[PublicKey, ...]
    joined: tuple[bytes, ...]
    parties_file: bytes

    def run(self, ask: Ask, output: BinaryIO) -> str:
        """Write the pack, and say which other parties are in it, or what is wrong with a pack that was joined."""
        from audit.packs import layout

        signer = Signer(self.keyid, ask)
        parts: dict[str, Files] = {self.party: layout.part(self.view, self.scope, signer)}
        try:
            for place, data in enumerate(self.joined):
                for other, files in self._parts_of(data, f"joined[{place}]").items():
                    parts.setdefault(other, files)
        except NotJoined as error:
            return json.dumps({"refused": str(error), "field": error.field})
        output.write(layout.pack(self.party, self.scope, parts, _by_keyid(self.keys), signer))
        return json.dumps({"joined": sorted(parts.keys() - {self.party})})

    def _parts_of(self, data: bytes, field: str) -> "dict[str, Files]":
        """The parts of another party's pack.

        Raises:
            NotJoined: it is not sound, or about something else.
        """
        from audit.packs import canonical_zip, layout
        from verifier.packs import verify
        from verifier.trust import load_trust

        found = verify(data, load_trust(self.parties_file))
        if found.findings:
            first = found.findings[0]
            raise NotJoined(f"this pack is not sound: {first.file}: {first.kind}", field)
        if found.scope != self.scope.plain():
            raise NotJoined("this pack is about something else", field)
        return layout.parts_of(canonical_zip.read(data))


def handed_over(keys: Keys) -> tuple[PublicKey, ...]:
    """Keys in the form in which a job takes them."""
    return tuple(
        PublicKey(keyid, key.party, key.public.public_bytes_raw(), key.since, key.until)
        for keyid, key in keys.items()
    )


def _by_keyid(keys: Iterable[PublicKey]) -> Keys:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return {
        key.keyid: AuthorKey(key.party, Ed25519PublicKey.from_public_bytes(key.public), key.since, key.until)
        for key in keys
    }
