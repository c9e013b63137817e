"""Quorum of a log: whose cosignatures publish a checkpoint, and whose make it final. No I/O.

- A *peer* watches every log. One peer makes a checkpoint published: were all needed, one that is away would stop everything.
- *Final* is what all peers, one of the *crowd* if the log has one, and every *guest* that is needed have cosigned.
- A *guest* is a witness from outside (an auditor, a university). Its cosignature is kept and served; it is needed only where
  the configuration says so.

Who is in which part at a time is left to those who know the roles: an institution that no longer holds its role is not asked,
so it blocks nothing. The same rules as a tlog-policy are `policy`, for verifying offline.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit.formats.cosignature import CosignatureKey
from audit.formats.policy import NONE, Group, Log, Policy, Witness


class Part(StrEnum):
    """Part of a cosigner for a log."""

    PEER = "peer"
    CROWD = "crowd"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness of a log: the name of its keys, the keys, and how it is reached: a party of the exchange, or a URL.

    `needed`: whether a guest must cosign what is to be final.
    """

    name: str
    keys: tuple[CosignatureKey, ...]
    part: Part
    party: str = ""
    url: str = ""
    needed: bool = False


def is_published(cosigners: Iterable[Cosigner], done: Collection[str]) -> bool:
    """True if a checkpoint that these (by name) have cosigned is published."""
    peers = _names(cosigners, Part.PEER)
    return not peers or any(name in done for name in peers)


def is_final(cosigners: Sequence[Cosigner], done: Collection[str]) -> bool:
    """True if a checkpoint that these (by name) have cosigned is final."""
    crowd = _names(cosigners, Part.CROWD)
    wanted = [each.name for each in cosigners if each.part is Part.PEER or each.needed]
    return all(name in done for name in wanted) and (not crowd or any(name in done for name in crowd))


def policy(log_vkeys: Iterable[str], cosigners: Sequence[Cosigner], *, final: bool) -> Policy:
    """The rule of `is_final`, or else of `is_published`, as a tlog-policy: for these keys of one log."""
    witnesses: list[Witness] = []
    groups: list[Group] = []
    quorum: list[str] = []

    def member(cosigner: Cosigner) -> str:
        """The cosigner's name in the policy: any of its keys will do."""
        named = [Witness(_policy_name(cosigner, key), key.vkey, cosigner.url) for key in cosigner.keys]
        witnesses.extend(named)
        if len(named) == 1:
            return named[0].name
        groups.append(Group(_policy_name(cosigner), 1, tuple(each.name for each in named)))
        return groups[-1].name

    def some_of(name: str, members: Sequence[str], threshold: int) -> None:
        if members:
            groups.append(Group(name, threshold, tuple(members)))
            quorum.append(name)

    parts = {
        part: [member(each) for each in cosigners if each.part is part] for part in (Part.PEER, Part.CROWD)
    }
    needed = [member(each) for each in cosigners if each.part is Part.GUEST and each.needed]
    if final:
        some_of("peers", parts[Part.PEER], len(parts[Part.PEER]))
        some_of("crowd", parts[Part.CROWD], 1)
        some_of("guests", needed, len(needed))
    else:
        some_of("peers", parts[Part.PEER], 1)
    if len(quorum) > 1:
        groups.append(Group("final", len(quorum), tuple(quorum)))
        quorum = ["final"]
    logs = tuple(Log(vkey) for vkey in log_vkeys)
    return Policy(logs, tuple(witnesses), tuple(groups), quorum[0] if quorum else NONE)


def _policy_name(cosigner: Cosigner, key: CosignatureKey | None = None) -> str:
    name = cosigner.party or cosigner.name
    return name if key is None else f"{name}/{key.key_id.hex()}"


def _names(cosigners: Iterable[Cosigner], part: Part) -> list[str]:
    return [each.name for each in cosigners if each.part is part]
