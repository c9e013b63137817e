"""Policies of cosignatures that make a checkpoint valid, C2SP tlog-policy, read strictly. No I/O.

    log netral/kasn+…
    witness bawaslu netral/bawaslu/witness+…
    witness bkn netral/bkn/witness+…
    group peers any bawaslu bkn
    quorum peers

A policy comes from outside what it judges: one found beside a proof proves nothing. Which institutions witness which log
when is left to those who write policies.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from audit.formats import checkpoint, cosignature, note
from audit.formats.canonical import read_number
from audit.formats.checkpoint import Checkpoint
from audit.formats.cosignature import CosignatureKey, MlDsaVerifier
from audit.formats.note import KnownKey, NoteError, VerifiedNote

NONE = "none"
"""The quorum of a policy that asks for no cosignature."""

MAX_LINES = 10_000

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_GAP = re.compile(r"[ \t]+")


class PolicyError(ValueError):
    """Not a policy as the format has it; the message names the line."""


class NotAccepted(ValueError):
    """The checkpoint is well formed and not what the policy asks for."""


@dataclass(frozen=True)
class Log:
    """A log that the policy accepts; its key's name is its origin."""

    vkey: str
    url: str = ""

    @cached_property
    def key(self) -> KnownKey:
        return _log_key(self.vkey)


@dataclass(frozen=True)
class Witness:
    """A cosigner's key under a name that means something in this policy only."""

    name: str
    vkey: str
    url: str = ""

    @cached_property
    def key(self) -> CosignatureKey:
        return cosignature.parse_vkey(self.vkey)


@dataclass(frozen=True)
class Group:
    """Witnesses and groups of which at least `threshold` must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Accepted:
    """A checkpoint that a policy accepts; `cosigned` gives the time (POSIX seconds) of each witness that counted."""

    checkpoint: Checkpoint
    cosigned: Mapping[str, int]


@dataclass(frozen=True)
class Policy:
    """Logs, witnesses, groups in an order in which names are defined before they are used, and the quorum.

    Raises:
        PolicyError: a name is used twice, or before it is defined, or a key stands twice.
    """

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def __post_init__(self) -> None:
        _check(self)

    def satisfied_by(self, cosigned: Iterable[str]) -> bool:
        """True if these witnesses, by their names in the policy, are a quorum."""
        done = set(cosigned)
        for group in self.groups:
            if sum(member in done for member in group.members) >= group.threshold:
                done.add(group.name)
        return self.quorum == NONE or self.quorum in done

    def accept(self, signed: str | bytes) -> Accepted:
        """Check a checkpoint with its signature lines.

        Raises:
            NoteError: it is no note, no known key signed it, or a known key's signature is wrong.
            CheckpointError: it is no checkpoint.
            NotAccepted: no log of the policy has signed it under its own origin, or the quorum is not reached.
        """
        opened = note.open_note(signed, self._keys)
        found = checkpoint.parse(opened.text)
        signers = {(signature.name, signature.key_id) for signature in opened.verified}
        if not any(
            log.key.name == found.origin and (log.key.name, log.key.key_id) in signers for log in self.logs
        ):
            raise NotAccepted(f"No log of the policy has signed this checkpoint of {found.origin}.")
        cosigned = self._cosigned(opened)
        if not self.satisfied_by(cosigned):
            by = ", ".join(sorted(cosigned)) or "nobody"
            raise NotAccepted(f"The quorum {self.quorum} is not reached: cosigned by {by}.")
        return Accepted(found, cosigned)

    @cached_property
    def _keys(self) -> Sequence[KnownKey]:
        return [*(log.key for log in self.logs), *(witness.key for witness in self.witnesses)]

    def _cosigned(self, opened: VerifiedNote) -> dict[str, int]:
        by_key = {(each.key.name, each.key.key_id): each.name for each in self.witnesses}
        found: dict[str, int] = {}
        for signature in opened.verified:
            name = by_key.get((signature.name, signature.key_id))
            if name is not None:
                found[name] = max(found.get(name, 0), cosignature.time_of(signature))
        return found


def parse(text: str | bytes) -> Policy:
    """Read a policy. Comments and the width of gaps are all that `print_policy` does not give back.

    Raises:
        PolicyError: with the number of the line.
    """
    reading = _Reading()
    for number, line in enumerate(_lines(text), 1):
        try:
            reading.take(line)
        except (ValueError, PolicyError) as error:
            raise PolicyError(f"line {number}: {error}") from None
    return reading.finish()


def print_policy(policy: Policy) -> bytes:
    """The policy as text, one gap between words, no comments; reading it gives the same policy."""
    lines: list[tuple[str, ...]] = [("log", log.vkey, log.url) for log in policy.logs]
    lines += [("witness", each.name, each.vkey, each.url) for each in policy.witnesses]
    lines += [("group", each.name, _threshold(each), *each.members) for each in policy.groups]
    lines += [("quorum", policy.quorum)]
    text = "".join(" ".join(word for word in line if word) + "\n" for line in lines)
    return text.encode(errors="surrogateescape")


def _threshold(group: Group) -> str:
    if group.threshold == len(group.members):
        return "all"
    return "any" if group.threshold == 1 else str(group.threshold)


class _Reading:
    """A policy, line by line."""

    def __init__(self) -> None:
        self._logs: list[Log] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._quorum: str | None = None
        self._defined: set[str] = set()

    def take(self, line: str) -> None:
        words = [word for word in _GAP.split(line) if word]
        if not words or words[0].startswith("#"):
            return
        keyword, *rest = words
        if keyword == "log" and len(rest) in (1, 2):
            self._logs.append(Log(*rest))
            _ = self._logs[-1].key
        elif keyword == "witness" and len(rest) in (2, 3):
            self._witnesses.append(Witness(*rest))
            _ = self._witnesses[-1].key
            self._define(rest[0])
        elif keyword == "group" and len(rest) >= 3:
            self._group(*rest)
        elif keyword == "quorum" and len(rest) == 1:
            self._decide(rest[0])
        else:
            raise PolicyError("not a log, witness, group or quorum with its words")

    def finish(self) -> Policy:
        if self._quorum is None:
            raise PolicyError("there is no quorum line")
        return Policy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _group(self, name: str, threshold: str, *members: str) -> None:
        for member in members:
            self._known(member)
        words = {"all": len(members), "any": 1}
        count = words[threshold] if threshold in words else read_number(threshold)
        self._groups.append(Group(name, count, members))
        self._define(name)

    def _decide(self, name: str) -> None:
        if self._quorum is not None:
            raise PolicyError("a second quorum line")
        if name != NONE:
            self._known(name)
        self._quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self._defined:
            raise PolicyError(f"the name {name} is taken")
        self._defined.add(name)

    def _known(self, name: str) -> None:
        if name not in self._defined:
            raise PolicyError(f"{name} is not defined before this line")


def _check(policy: Policy) -> None:
    """Check what must hold of a policy however it was made."""
    defined: set[str] = {NONE}
    for witness in policy.witnesses:
        _add(defined, witness.name, "the name")
    members: set[str] = {NONE}
    for group in policy.groups:
        if not 1 <= group.threshold <= len(group.members):
            raise PolicyError(f"the group {group.name} asks for {group.threshold} of {len(group.members)}")
        for member in group.members:
            if member not in defined:
                raise PolicyError(f"{member} is not defined before the group {group.name}")
            _add(members, member, "a member of two groups:")
        _add(defined, group.name, "the name")
    if policy.quorum not in defined:
        raise PolicyError(f"the quorum {policy.quorum} is not defined")
    for kind, keys in (("log", policy.logs), ("witness", policy.witnesses)):
        seen: set[str] = set()
        for each in keys:
            _add(
                seen,
                note.split_vkey(each.vkey)[2].hex(),
                f"a {kind} key under two lines, the second of {each.key.name}:",
            )


def _add(names: set[str], name: str, what: str) -> None:
    if name in names:
        raise PolicyError(f"{what} {name[:40]} stands twice")
    names.add(name)


def _log_key(vkey: str) -> KnownKey:
    name, kind, public = note.split_vkey(vkey)
    if kind == note.ED25519:
        return note.Verifier(name, public)
    if kind == cosignature.ML_DSA_44:
        return MlDsaVerifier(name, public, untimed=True)
    raise NoteError(
        f"A key of type 0x{kind:02x} is not a log's: those are 0x01 (Ed25519) and 0x06 (ML-DSA-44)."
    )


def _lines(text: str | bytes) -> list[str]:
    octets = text.encode(errors="surrogateescape") if isinstance(text, str) else text
    if _FORBIDDEN.search(octets):
        raise PolicyError("a control character other than tab and line feed")
    if not octets.endswith(b"\n"):
        raise PolicyError("the last line does not end in a line feed")
    # Octets above 0x7F are opaque: those that are no UTF-8 come through as they are.
    lines = octets.decode(errors="surrogateescape").split("\n")[:-1]
    if len(lines) > MAX_LINES:
        raise PolicyError(f"more than {MAX_LINES} lines")
    return lines
