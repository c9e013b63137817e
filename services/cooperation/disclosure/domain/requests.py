"""A disclosure, from the request to the confirmed receipt: the question, the fetching and what follows.

The same words at both desks; the holder's decisions are in `decisions`. Which basis permits whom to ask whom is the agreement's (`legal_bases`), what is given for which purpose too
(`disclosure.toml`; PKS 2020 and 2023, first field: exchange of data and information). Instants are UTC, digests lower-case
hex.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.information import disclosure as rules
from agreement.information import legal_bases
from agreement.information.disclosure import DisclosureRule
from agreement.parties import identifiers
from cooperation.disclosure.domain.documents import Described, is_digest
from refusals import Malformed, NotAllowed, WrongState

MAX_DOCUMENTS = 400
"""A statement has 60 KiB."""
MAX_FIELDS = 20
_CODE = re.compile(r"[A-Za-z0-9_/-]{1,40}")


class State(StrEnum):
    """State of a disclosure; FETCHING is known to who asked only."""

    REQUESTED = "REQUESTED"  # diminta
    REFUSED = "REFUSED"  # ditolak; end
    GRANTED = "GRANTED"  # dikabulkan
    FETCHING = "FETCHING"  # dokumen diambil
    RECEIVED = "RECEIVED"  # diterima; end


@dataclass(frozen=True)
class Disclosure:
    """A disclosure (permintaan data) on a matter, at one of its two parties; its id is that of the request's statement."""

    party: str
    id: str
    matter: str
    case_id: str
    state: State
    created: datetime
    updated: datetime
    asker: str
    role: str  # in which the asker asks
    holder: str
    of: str  # in which the holder holds it
    data: str
    purpose: str
    legal_basis: str
    authority: str
    request_date: date
    fields: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    granted_fields: tuple[str, ...] = ()
    granted: tuple[Described, ...] = ()
    expires: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    heard: str = ""  # the last statement that took effect here


# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequestDisclosure:
    """Ask a holder for data (permintaan data)."""

    holder: str
    data: str
    purpose: str
    legal_basis: str
    authority: str
    fields: tuple[str, ...]
    documents: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Grant:
    """Give what was asked for: the personnel facts with these codes, and documents (none: all that were asked for)."""

    facts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


# --- events ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DisclosureRequested:
    """Data were asked for."""

    data: str
    of: str
    purpose: str
    legal_basis: str
    authority: str
    fields: tuple[str, ...]
    documents: tuple[str, ...]
    request_date: date


@dataclass(frozen=True)
class DisclosureGranted:
    """Data are given."""

    disclosure: str
    fields: tuple[str, ...]
    documents: tuple[Described, ...]
    expire_time: datetime
    decided_by: str
    data: str
    purpose: str
    legal_basis: str


@dataclass(frozen=True)
class DisclosureRefused:
    """Data are not given."""

    disclosure: str
    reason: str
    decided_by: str


@dataclass(frozen=True)
class FetchOrdered:
    """The granted documents are to be fetched."""

    disclosure: str


@dataclass(frozen=True)
class FetchStopped:
    """The holder no longer gives what it granted."""

    disclosure: str
    reason: str


@dataclass(frozen=True)
class DisclosureReceived:
    """Receipt of everything that was granted."""

    disclosure: str
    documents: tuple[str, ...]
    fields: tuple[str, ...]


Event = DisclosureGranted | DisclosureRefused | FetchOrdered | FetchStopped | DisclosureReceived
Roles = Collection[str]
"""The roles that a party holds at the time."""


# --- asking ----------------------------------------------------------------------------------------------------


def request(
    command: RequestDisclosure, asker: str, roles: Roles, holder_roles: Roles, today: date
) -> tuple[DisclosureRule, DisclosureRequested]:
    """Ask for data; gives the rule under which it is asked. `today` is the asker's legal date.

    What the agreement itself does not permit is not sent; whether the purpose is covered is for the holder to say.

    Raises:
        Malformed: a code that is not listed, an authority that is a NIP or NIK, a role that must be named.
        NotAllowed: none of the asker's roles may ask the holder for it, or not under this basis today.
    """
    rules.purpose(command.purpose)
    for place, code in enumerate(command.fields):
        rules.fact(code, field=f"fields[{place}]")
    check_authority(command.authority)
    found = _rule(command, roles, holder_roles)
    _check_shape(command, found)
    if objection := legal_bases.asking_objection(
        command.legal_basis, command.data, found.role, found.of, asker, today
    ):
        reason = "AGREEMENT_CLOSED" if is_closed(command.legal_basis, today) else "NO_LEGAL_BASIS"
        raise NotAllowed(objection, field="legal_basis", reason=reason)
    return found, DisclosureRequested(
        command.data,
        found.of,
        command.purpose,
        command.legal_basis,
        command.authority,
        command.fields,
        command.documents,
        today,
    )


def check_authority(authority: str) -> None:
    """Refuse what cannot be an officer's opaque id.

    Raises:
        Malformed: it looks like a NIP or NIK.
    """
    identifiers.decree_number(authority, field="authority")


def _rule(command: RequestDisclosure, roles: Roles, holder_roles: Roles) -> DisclosureRule:
    if command.data not in rules.data_words():
        raise Malformed("not data that are given on request", field="data")
    found = [
        each
        for each in rules.rules()
        if each.data == command.data
        and each.role in roles
        and each.of in holder_roles
        and command.role in ("", each.role)
    ]
    if not found:
        raise NotAllowed(
            "no role of this party may ask that institution for these data",
            field="role" if command.role else "holder",
            reason="NOT_ASKED_FOR",
        )
    if len({each.role for each in found}) > 1:
        raise Malformed("several roles of this party may ask for it: name one", field="role")
    return found[0]


def _check_shape(command: RequestDisclosure, rule: DisclosureRule) -> None:
    if command.fields and not rule.fields:
        raise Malformed("these data are documents, not facts", field="fields")
    if not command.fields and not rule.kinds:
        raise Malformed("name the facts that are asked for", field="fields")
    if command.documents and not rule.kinds:
        raise Malformed("these data are facts, not documents", field="documents")


def is_closed(basis: str, on: date) -> bool:
    """True if a basis is an item of an agreement whose period does not cover the day."""
    found = legal_bases.bases().get(basis)
    return found is not None and bool(found.agreement) and not found.on(on)


def check_arrived(event: DisclosureRequested) -> None:
    """Refuse a request that cannot be kept: another desk's software may send anything.

    Raises:
        Malformed: a code that cannot be one, too much of it, or an authority that looks like a NIP or NIK.
    """
    for name, code in (("data", event.data), ("purpose", event.purpose), ("legal_basis", event.legal_basis)):
        if not _CODE.fullmatch(code):
            raise Malformed("not a code", field=name)
    if not _is_list(event.fields, MAX_FIELDS) or not all(map(_CODE.fullmatch, event.fields)):
        raise Malformed("not different codes, or too many", field="fields")
    if not _is_list(event.documents, MAX_DOCUMENTS) or not all(map(is_digest, event.documents)):
        raise Malformed("not different SHA-256 digests, or too many", field="documents")
    check_authority(event.authority)


def _is_list(items: tuple[str, ...], most: int) -> bool:
    return len(items) <= most and len(set(items)) == len(items)


# --- what the asker does ---------------------------------------------------------------------------------------


def order_fetch(disclosure: Disclosure, now: datetime) -> FetchOrdered:
    """Have the granted documents fetched.

    Raises:
        WrongState: nothing was granted, it is under way or done, or the grant has expired.
    """
    require_state(disclosure, State.GRANTED)
    if disclosure.expires is None or now >= disclosure.expires:
        raise WrongState("the grant has expired", reason="GRANT_EXPIRED")
    return FetchOrdered(disclosure.id)


def stop_fetch(disclosure: Disclosure, reason: str) -> FetchStopped:
    """The holder says that it does not give it any more.

    Raises:
        WrongState: it is not being fetched.
    """
    require_state(disclosure, State.FETCHING)
    return FetchStopped(disclosure.id, reason)


def receive(disclosure: Disclosure, here: Collection[str]) -> DisclosureReceived:
    """Confirm that everything that was granted is here. `here`: digests, computed from what arrived.

    Raises:
        WrongState: something is missing, or it was confirmed before.
    """
    require_state(disclosure, State.FETCHING, State.GRANTED)
    digests = tuple(each.digest for each in disclosure.granted)
    if not set(digests) <= set(here):
        raise WrongState("not all documents are here", reason="NOT_COMPLETE")
    return DisclosureReceived(disclosure.id, digests, disclosure.granted_fields)


def check_confirmed(disclosure: Disclosure, received: DisclosureReceived) -> None:
    """Refuse a confirmation that does not name what was granted.

    Raises:
        WrongState: nothing was granted.
        Malformed: other digests or facts than those of the grant.
    """
    require_state(disclosure, State.GRANTED)
    digests = tuple(each.digest for each in disclosure.granted)
    if received.documents != digests or received.fields != disclosure.granted_fields:
        raise Malformed("not what was granted", field="documents", reason="NOT_WHAT_WAS_GRANTED")


def require_state(disclosure: Disclosure, *states: State) -> None:
    if disclosure.state not in states:
        raise WrongState("the disclosure stands at: {state}", state=disclosure.state)


# --- what follows ----------------------------------------------------------------------------------------------


def begin(
    event: DisclosureRequested,
    *,
    party: str,
    id: str,
    matter: str,
    case_id: str,
    asker: str,
    role: str,
    holder: str,
    now: datetime,
) -> Disclosure:
    """A disclosure as its request makes it, at either party."""
    return Disclosure(
        party=party,
        id=id,
        matter=matter,
        case_id=case_id,
        state=State.REQUESTED,
        created=now,
        updated=now,
        asker=asker,
        role=role,
        holder=holder,
        of=event.of,
        data=event.data,
        purpose=event.purpose,
        legal_basis=event.legal_basis,
        authority=event.authority,
        request_date=event.request_date,
        fields=event.fields,
        documents=event.documents,
    )


def apply(disclosure: Disclosure, event: Event) -> Disclosure:
    """Apply an event to a disclosure; the same at both parties."""
    match event:
        case DisclosureGranted():
            return replace(
                disclosure,
                state=State.GRANTED,
                granted_fields=event.fields,
                granted=event.documents,
                expires=event.expire_time,
                decided_by=event.decided_by,
            )
        case DisclosureRefused():
            return replace(disclosure, state=State.REFUSED, reason=event.reason, decided_by=event.decided_by)
        case FetchOrdered():
            return replace(disclosure, state=State.FETCHING, reason="")
        case FetchStopped():
            return replace(disclosure, state=State.GRANTED, reason=event.reason)
        case DisclosureReceived():
            return replace(disclosure, state=State.RECEIVED, reason="")
