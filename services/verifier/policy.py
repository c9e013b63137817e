"""Policies (C2SP tlog-policy): which logs count, and whose cosignatures make their checkpoints valid."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.notes import COSIGNER_KEY, LOG_KEY, ML_DSA_KEY, NoteKey, read_vkey
from verifier.strict import Bad, read_number

MOST_LINES = 10_000
NO_QUORUM = "none"


@dataclass(frozen=True)
class Group:
    """Witnesses and groups of which so many must have cosigned."""

    wanted: int
    members: Sequence[str]


@dataclass(frozen=True)
class Policy:
    """The logs that count, witnesses by name, groups by name in the order of their lines, and the quorum's name."""

    logs: Sequence[NoteKey]
    witnesses: Mapping[str, NoteKey]
    groups: Mapping[str, Group]
    quorum: str

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Check that the witnesses that cosigned are a quorum. A group stands behind its members: one pass is enough."""
        done = set(cosigned)
        for name, group in self.groups.items():
            if sum(member in done for member in group.members) >= group.wanted:
                done.add(name)
        return self.quorum == NO_QUORUM or self.quorum in done


def read_policy(data: bytes) -> Policy:
    """Read a policy: `log`, `witness`, `group` and one `quorum` line, each name defined before it is used.

    Octets above 0x7F are opaque: in names and comments they need not be UTF-8.

    Raises:
        Bad: with the line.
    """
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
        raise Bad("the policy has a control character other than tab and line feed")
    lines = data.decode(errors="surrogateescape").split("\n")
    if lines.pop():
        raise Bad("the policy's last line does not end in a line feed")
    if len(lines) > MOST_LINES:
        raise Bad(f"the policy has more than {MOST_LINES} lines")
    reading = _PolicyLines()
    for number, line in enumerate(lines, 1):
        try:
            reading.take([word for word in re.split(r"[ \t]+", line) if word])
        except Bad as error:
            raise Bad(f"line {number} of the policy: {error}") from None
    return reading.policy()


@dataclass
class _PolicyLines:
    """A policy, line by line."""

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: dict[str, NoteKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorum: str = ""

    def take(self, words: Sequence[str]) -> None:
        if not words or words[0].startswith("#"):
            return
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(_new_key(read_vkey(vkey, (LOG_KEY, ML_DSA_KEY)), self.logs))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                key = read_vkey(vkey, (COSIGNER_KEY, ML_DSA_KEY))
                self.witnesses[self._new_name(name)] = _new_key(key, self.witnesses.values())
            case ["group", name, count, *members] if members:
                self.groups[name] = self._group(name, count, members)
            case ["quorum", name] if not self.quorum and (name == NO_QUORUM or self._is_known(name)):
                self.quorum = name
            case _:
                raise Bad("it is no line of a policy, or names something unknown or twice")

    def policy(self) -> Policy:
        if not self.quorum:
            raise Bad("the policy has no quorum line")
        return Policy(self.logs, self.witnesses, self.groups, self.quorum)

    def _group(self, name: str, count: str, members: Sequence[str]) -> Group:
        words = {"any": 1, "all": len(members)}
        wanted = words[count] if count in words else read_number(count)
        if not 1 <= wanted <= len(members):
            raise Bad("it wants a number of members that there are not")
        for member in members:
            if not self._is_known(member) or member in self.members:
                raise Bad("it has an unknown member, or one that is in a group already")
            self.members.add(member)
        self._new_name(name)
        return Group(wanted, members)

    def _is_known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _new_name(self, name: str) -> str:
        if name == NO_QUORUM or self._is_known(name):
            raise Bad("its name is taken")
        return name


def _new_key(key: NoteKey, others: Collection[NoteKey]) -> NoteKey:
    if any(key.public == other.public for other in others):
        raise Bad("a key stands twice")
    return key
