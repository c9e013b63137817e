"""Findings of a verification, by file and matter, and the checks that every manifest needs: its signature and its files."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from verifier.leaves import pae
from verifier.manifests import Listed, Manifest, files_of
from verifier.notes import is_signed
from verifier.strict import Bad, Json, list_of, members_of, parse_json, read_base64, read_json, text_of
from verifier.trust import AuthorKey, Trust

# By how much the clocks of two machines may differ.
CLOCK_SKEW = timedelta(minutes=5)


class Finding(NamedTuple):
    """Something that is not as it must be: in which file, about which matters, of what kind, and what."""

    file: str
    matter: str
    kind: str
    message: str


class Findings:
    """The findings so far; which file is about which matter; and the keys that signed something here."""

    def __init__(self, trust: Trust, now: datetime) -> None:
        self.trust, self.now = trust, now
        self.found: list[Finding] = []
        self.keyids: set[str] = set()
        self._matters: dict[str, str] = {}
        self._all_matters = ""

    def find(self, file: str, kind: str, message: str, matter: str | None = None) -> None:
        """Add a finding; without a matter it is about that of the file, or all of the scope."""
        named = self._matters.get(file, self._all_matters) if matter is None else matter
        self.found.append(Finding(file, named, kind, message))

    def learn_matters(self, entries: Mapping[str, bytes], data: bytes) -> None:
        """Learn which file is about which matter, from whatever can be read, sound or not."""
        for name, content in entries.items():
            if not name.endswith("manifest.json"):
                continue
            try:
                scope, listed = _matters_in(parse_json(content))
            except Bad:
                continue
            known = scope or sorted({each.matter for each in listed})
            self._all_matters = self._all_matters or " ".join(each for each in known if each)
            for each in listed:
                folder = name.removesuffix("manifest.json")
                for file in files_of(folder, each.index, each.kind) if each.matter else ():
                    self._matters[file] = each.matter
        if (
            not self._all_matters
        ):  # not even a manifest can be told apart: whatever still looks like one names them
            named = re.findall(rb'"matters?": (?:\[\s*)?"([0-9a-f-]{36})"', data)
            self._all_matters = " ".join(sorted({each.decode() for each in named}))

    def check_signature(
        self, entries: Mapping[str, bytes], folder: str, type: str, said: Manifest, not_before: datetime
    ) -> None:
        """The manifest is signed by its party, with a key that was valid at some time from `not_before` until now."""
        file = folder + "manifest.dsse.json"
        try:
            envelope = members_of(read_json(entry_of(entries, file)), "payload payloadType signatures")
            signatures = list_of(envelope["signatures"])
            if len(signatures) != 1:
                raise Bad("it has not exactly one signature")
            signature = members_of(signatures[0], "keyid sig")
            payload = read_base64(text_of(envelope["payload"]))
            if envelope["payloadType"] != type:
                raise Bad("it is over something else than a manifest")
            if payload != entries[folder + "manifest.json"]:
                self.find(folder + "manifest.json", "signature", "it is not what was signed")
                raise Bad("it signs something else than the manifest")
            key = self._author(text_of(signature["keyid"]), said.signer)
            if not is_signed(key.public, read_base64(text_of(signature["sig"])), pae(type, payload)):
                raise Bad("its signature does not verify")
            if key.period.is_over(not_before) or (key.period.since or self.now) > self.now + CLOCK_SKEW:
                raise Bad("its key was not valid when it was signed")
        except Bad as error:
            self.find(file, "signature", f"{error}")

    def _author(self, keyid: str, party: str) -> AuthorKey:
        self.keyids.add(keyid)
        key = self.trust.authors.get(keyid)
        if key is None or key.party != party:
            raise Bad(f"it is not signed with a key of {party}")
        return key

    def check_files(self, here: set[str], entries: Mapping[str, bytes], said: Manifest) -> None:
        for name in sorted(here - said.files.keys()):
            self.find(name, "manifest", "the manifest does not list it")
        for name in sorted(said.files.keys() - here):
            self.find(name, "manifest", "it is listed and missing")
        for name in sorted(here & said.files.keys()):
            if (sha256(entries[name]).hexdigest(), len(entries[name])) != said.files[name]:
                self.find(name, "digest", "it is not the file that the manifest lists")


def entry_of(entries: Mapping[str, bytes], name: str) -> bytes:
    """Take a file of a pack. Raises `Bad` if it is missing."""
    if name not in entries:
        raise Bad("it is missing")
    return entries[name]


def _matters_in(document: Json) -> tuple[list[str], list[Listed]]:
    """Take the matters of the scope and the leaves of what may be a manifest."""
    match document:
        case {"scope": {"matters": list(matters)}, "leaves": list(leaves)}:
            pass
        case {"scope": {"matters": list(matters)}}:
            leaves = []
        case _:
            return [], []
    listed = []
    for each in leaves:
        match each:
            case {"index": int(index), "kind": str(kind), "matter": str(matter)}:
                listed.append(Listed(index, kind, matter))
    return [each for each in matters if isinstance(each, str)], listed
