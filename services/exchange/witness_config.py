"""Witnesses of each log by time, with their keys: the roles and keys of the parties file, as the trail needs them.

A party's log is signed by its Ed25519 key under the name `netral/<party>`; as a witness it cosigns under
`netral/<party>/witness` with the same key (type 0x04, whose message begins differently from all else that this key signs)
and with its ML-DSA-44 key if it has one. Which roles watch which logs is the agreement's rule (`AgreementRules.watch`).

A witness from outside the parties (an auditor, a university) joins by a file, `NETRAL_WITNESSES_FILE`:

    {"format": "netral-witnesses/1",
     "witnesses": [{"vkeys": ["auditor.example/w+…"], "url": "https://auditor.example/witness", "needed": false,
                    "logs": ["kasn"]}]}

`logs` empty: every log of the host. `needed`: nothing is final without it.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from audit.formats import cosignature, note
from audit.formats.checkpoint import origin_of
from audit.formats.cosignature import (
    CosignatureKey,
    CosigningKey,
    Ed25519Cosigner,
    Ed25519Verifier,
    MlDsaCosigner,
    MlDsaVerifier,
)
from audit.formats.note import NoteError
from audit.formats.policy import Policy
from audit.witnessing import quorum
from audit.witnessing.quorum import Cosigner, Part
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.trust import Json, Parties, Party

Watch = Callable[[Collection[str]], tuple[frozenset[str], frozenset[str]]]
"""The roles that cosign the log of a party with these roles: as peers, and as the crowd."""


class BadWitnessesFile(ValueError):
    """The file of outside witnesses cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class ExternalWitness:
    """A witness from outside. `logs`: the parties whose logs it is asked to cosign, none for all."""

    cosigner: Cosigner
    logs: frozenset[str]


def cosigner_name(party: str) -> str:
    """The name under which a party cosigns."""
    return f"{origin_of(party)}/witness"


def cosigning_keys(party: str, keys: PrivateKeys) -> Sequence[CosigningKey]:
    """The private keys that a party's witness signs with."""
    name = cosigner_name(party)
    second = [MlDsaCosigner(name, keys.cosigning)] if keys.cosigning is not None else []
    return [Ed25519Cosigner(name, keys.signing), *second]


@dataclass
class WitnessAssignment:
    """The rules on who cosigns whose log, applied to the parties file. Instants are UTC."""

    parties: Parties
    watch: Watch
    guests: Sequence[ExternalWitness] = ()
    _holders: dict[tuple[str, datetime], Sequence[str]] = field(default_factory=dict, repr=False)
    _cosigners: dict[tuple[str, datetime], Cosigner] = field(default_factory=dict, repr=False)

    def cosigners_of(self, log: str, at: datetime) -> Sequence[Cosigner]:
        """List who cosigns the log of a party at an instant: peers, then the crowd, then guests."""
        known = self.parties.get(log)
        if known is None:
            return []
        peer_roles, crowd_roles = self.watch(known.roles_at(at))
        peers = self._held(peer_roles, at) - {log}
        crowd = self._held(crowd_roles, at) - peers - {log}
        found = [self._cosigner(party, Part.PEER, at) for party in sorted(peers)]
        found += [self._cosigner(party, Part.CROWD, at) for party in sorted(crowd)]
        return found + [guest.cosigner for guest in self.guests if not guest.logs or log in guest.logs]

    def trusted(self, witness: str, origin: str, at: datetime) -> Sequence[note.Verifier]:
        """The keys that a party's witness trusts for an origin; none if it does not watch that log, or it is its own."""
        log = origin.removeprefix(origin_of(""))
        known, watcher = self.parties.get(log), self.parties.get(witness)
        if known is None or watcher is None or log == witness or origin != origin_of(log):
            return []
        peers, crowd = self.watch(known.roles_at(at))
        if not (peers | crowd) & watcher.roles_at(at):
            return []
        return log_verifiers(known, at)

    def policy(self, log: str, at: datetime, *, final: bool = True) -> Policy:
        """Policy that makes a checkpoint of a party's log at an instant final, or published, for verifying it offline."""
        known = self.parties.get(log)
        keys = log_verifiers(known, at) if known else []
        vkeys = [note.vkey(key.name, key.public_key) for key in keys]
        return quorum.policy(vkeys, self.cosigners_of(log, at), final=final)

    def _held(self, roles: Collection[str], at: datetime) -> set[str]:
        return {party for role in roles for party in self._holders_of(role, at)}

    def _holders_of(self, role: str, at: datetime) -> Sequence[str]:
        # A round asks about hundreds of logs at one instant.
        if (role, at) not in self._holders:
            if len(self._holders) > 100:
                self._holders.clear()
            self._holders[(role, at)] = self.parties.holders(role, at)
        return self._holders[(role, at)]

    def _cosigner(self, party: str, part: Part, at: datetime) -> Cosigner:
        known = self.parties.parties[party]
        return Cosigner(cosigner_name(party), witness_keys(known, at), part, party=party)


def log_verifiers(party: Party, at: datetime) -> list[note.Verifier]:
    """The keys that may sign a party's log at an instant (UTC)."""
    return [
        note.Verifier(origin_of(party.id), key.public.public_bytes_raw())
        for key in party.signing
        if key.period.covers(at)
    ]


def witness_keys(party: Party, at: datetime) -> tuple[CosignatureKey, ...]:
    """The keys that a party may cosign with at an instant (UTC)."""
    name = cosigner_name(party.id)
    first = [key.public.public_bytes_raw() for key in party.signing if key.period.covers(at)]
    second = [key.raw for key in party.cosigning if key.period.covers(at)]
    return (*(Ed25519Verifier(name, raw) for raw in first), *(MlDsaVerifier(name, raw) for raw in second))


def load_external_witnesses(path: Path | None) -> Sequence[ExternalWitness]:
    """The witnesses from outside; none without a file.

    Raises:
        BadWitnessesFile: with the place and the reason.
    """
    if path is None:
        return []
    try:
        document = json.loads(path.read_text("utf-8"))
        if not isinstance(document, dict) or set(document) != {"format", "witnesses"}:
            raise ValueError("the members must be format, witnesses")
        if document["format"] != "netral-witnesses/1" or not isinstance(document["witnesses"], list):
            raise ValueError("not a list of netral-witnesses/1")
        return [_guest(entry, number) for number, entry in enumerate(document["witnesses"], 1)]
    except (OSError, ValueError, RecursionError) as error:
        raise BadWitnessesFile(f"{path}: {error}") from error


def _guest(entry: Json, number: int) -> ExternalWitness:
    where = f"witness {number}"
    if not isinstance(entry, Mapping) or set(entry) != {"vkeys", "url", "needed", "logs"}:
        raise ValueError(f"{where}: the members must be logs, needed, url, vkeys")
    vkeys, url, logs = entry["vkeys"], entry["url"], entry["logs"]
    if not _are_texts(vkeys) or not vkeys or not _are_texts(logs):
        raise ValueError(f"{where}: vkeys and logs are lists of texts, vkeys with at least one")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ValueError(f"{where}: url is not an http or https URL")
    if not isinstance(entry["needed"], bool):
        raise ValueError(f"{where}: needed is not true or false")
    try:
        keys = tuple(cosignature.parse_vkey(text) for text in vkeys)
    except NoteError as error:
        raise ValueError(f"{where}: {error}") from None
    names = {key.name for key in keys}
    if len(names) != 1:
        raise ValueError(f"{where}: its keys have different names")
    cosigner = Cosigner(names.pop(), keys, Part.GUEST, url=url.rstrip("/"), needed=entry["needed"])
    return ExternalWitness(cosigner, frozenset(logs))


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
