"""Hand-over of documents: only for a ticket that the asker signed, once, under a grant that stands."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from audit.formats.leaf import Kind
from cooperation.disclosure.transfer import tickets
from cooperation.disclosure.wire import event_of
from exchange.statements import private_keys, trust
from netral.disclosure.v1 import events_pb2
from netral.exchange.v1 import record_pb2
from support import acts, desks
from support.basics import new_id
from support.desks import Refused, Served
from support.disclosures import PIECE, a_document, attached, disclosure, fetched, is_asked, refers
from support.invariants import read_host_tables
from support.waiting import until

DENIED, WRONG_STATE = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.FAILED_PRECONDITION
CONTENT = a_document(2 * PIECE + 9)


@dataclass(frozen=True)
class Granted:
    """Bawaslu's desk, and a grant of one document to the examiner."""

    served: Served
    name: str
    digest: bytes

    def ticket(self, signer: str = "bkn", **other: Any) -> bytes:
        """A ticket as the examiner's desk makes it; `other` replaces its fields."""
        keys = keys_of(self.served, signer)
        fields: dict[str, Any] = {
            "id": new_id(),
            "disclosure": self.name.rpartition("/")[2],
            "asker": "bkn",
            "holder": "bawaslu",
            "digest": self.digest.hex(),
            "offset": 0,
            "now": self.served.desk.now(),
        }
        return tickets.issue(keys, **(fields | other))

    async def records(self) -> list[Any]:
        """Records of the trail on what was handed over."""
        books = await read_host_tables("bawaslu", self.served.desk.database)
        facts = [
            event_of(record_pb2.Record.FromString(leaf.body[1:]).facts)
            for leaf in sorted(books.leaves, key=lambda leaf: leaf.id)
            if leaf.kind == Kind.RECORD
        ]
        return [each for each in facts if type(each).__name__ == "DocumentDisclosed"]


def keys_of(served: Served, party: str) -> private_keys.PrivateKeys:
    folder = served.running.settings.parties_file.parent
    (pem,) = folder.glob(f"*/keys/{party}.pem")
    return private_keys.read_private_keys(pem.parent, party)


@pytest.fixture
async def granted(tmp_path: Path) -> AsyncIterator[Granted]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        matter = await refers(served)
        digest = await attached(served, matter, CONTENT)
        await attached(served, matter, a_document(seed=2), kind="STUDY")
        name = await is_asked(served, matter)

        async def is_granted() -> bool:
            return (await disclosure(served, name)).state == "GRANTED"

        await until(is_granted)
        yield Granted(served, name, digest)


async def assert_denied(granted: Granted, ticket: bytes, reason: str, *, party: str = "bkn") -> None:
    before = await granted.served.rows()
    answer = await fetched(granted.served, ticket, party)

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (DENIED, reason)
    assert await granted.served.rows() == before


async def test_the_policy_grants_what_is_held_and_no_more(granted: Granted) -> None:
    found = await disclosure(granted.served, granted.name)

    assert [document.digest for document in found.granted_documents] == [granted.digest]
    assert found.decided_by == "POLICY"


async def test_a_ticket_of_who_asked_gets_the_document_and_is_on_record_before(granted: Granted) -> None:
    ticket = granted.ticket()

    assert await fetched(granted.served, ticket) == CONTENT

    (record,) = await granted.records()
    assert (record.digest, record.offset, record.recipient) == (granted.digest.hex(), 0, "bkn")
    assert (record.purpose, record.legal_basis, record.authority) == (
        "EXAMINATION",
        "perpres-92-2024",
        "head-1",
    )


async def test_a_transfer_goes_on_from_the_offset_of_a_new_ticket(granted: Granted) -> None:
    answer = await fetched(granted.served, granted.ticket(offset=PIECE + 3))

    assert answer == CONTENT[PIECE + 3 :]
    assert [record.offset for record in await granted.records()] == [PIECE + 3]


async def test_a_ticket_is_used_once_for_good(granted: Granted) -> None:
    ticket = granted.ticket()
    await fetched(granted.served, ticket)

    await assert_denied(granted, ticket, "TICKET_USED")


async def test_a_ticket_that_another_party_signed_is_refused(granted: Granted) -> None:
    await assert_denied(granted, granted.ticket("ppk-6202"), "BAD_SIGNATURE")


async def test_a_ticket_of_a_party_that_was_granted_nothing_is_refused(granted: Granted) -> None:
    ticket = granted.ticket("ppk-6202", asker="ppk-6202")

    await assert_denied(granted, ticket, "NOT_GRANTED", party="ppk-6202")


async def test_a_stolen_ticket_is_of_no_use_to_another_caller(granted: Granted) -> None:
    await assert_denied(granted, granted.ticket(), "BAD_SIGNATURE", party="ppk-6202")


async def test_a_ticket_with_a_changed_byte_is_refused(granted: Granted) -> None:
    ticket = granted.ticket()
    for place in (10, len(ticket) // 2, len(ticket) - 70):
        changed = ticket[:place] + bytes([ticket[place] ^ 1]) + ticket[place + 1 :]
        answer = await fetched(granted.served, changed)
        assert isinstance(answer, Refused), place
        assert answer.reason in ("BAD_SIGNATURE", "MALFORMED"), (place, answer)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"now": datetime(2025, 1, 1, tzinfo=UTC)}, "TICKET_EXPIRED"),
        ({"now": datetime(2100, 1, 1, tzinfo=UTC)}, "TICKET_EXPIRED"),
        ({"holder": "ppk-6202"}, "PARTY_NOT_SERVED"),
        ({"disclosure": "0199aaaa-0000-7000-8000-000000000000"}, "NOT_GRANTED"),
        ({"digest": "ab" * 32}, "NOT_GRANTED"),
    ],
    ids=["old", "of the future", "another desk's", "no such disclosure", "another document"],
)
async def test_a_ticket_for_what_is_not_granted_here_and_now_is_refused(
    granted: Granted, other: dict[str, Any], reason: str
) -> None:
    await assert_denied(granted, granted.ticket(**other), reason)


async def test_a_ticket_of_a_key_that_is_no_longer_valid_is_refused(granted: Granted) -> None:
    desk = granted.served.desk
    keyid = keys_of(granted.served, "bkn").keyid
    party, key = desk.trust._by_keyid[keyid]
    ended = replace(key, period=trust.Period(desks.SINCE, datetime(2025, 1, 1, tzinfo=UTC)))
    desk.trust = trust.Parties(
        desk.trust.serial, desk.trust.parties, {**desk.trust._by_keyid, keyid: (party, ended)}
    )

    await assert_denied(granted, granted.ticket(), "BAD_SIGNATURE")


async def test_what_is_no_ticket_is_refused(granted: Granted) -> None:
    for data in (b"x", b"\n\0", granted.ticket()[:-1]):
        answer = await fetched(granted.served, data)

        assert isinstance(answer, Refused)
        assert (answer.code, answer.fields) == (grpc.StatusCode.INVALID_ARGUMENT, ("ticket",))


async def test_an_unknown_party_does_not_get_in(granted: Granted) -> None:
    await assert_denied(granted, granted.ticket(), "PARTY_UNKNOWN", party="nobody")


async def test_an_expired_grant_gives_nothing(granted: Granted) -> None:
    desk, later = granted.served.desk, datetime.now(UTC) + timedelta(days=15)
    desk.now = lambda: later

    answer = await fetched(granted.served, granted.ticket())

    assert isinstance(answer, Refused) and (answer.code, answer.reason) == (WRONG_STATE, "GRANT_EXPIRED")
    assert await granted.records() == []


async def test_who_no_longer_holds_the_role_gets_nothing(granted: Granted) -> None:
    desk = granted.served.desk
    party = desk.trust.parties["bkn"]
    ended = trust.Period(desks.SINCE, datetime.now(UTC) - timedelta(seconds=1))
    roles = {role: (ended,) if role == "examiner" else held for role, held in party.roles.items()}
    parties = {**desk.trust.parties, "bkn": replace(party, roles=roles)}
    desk.trust = trust.Parties(desk.trust.serial, parties, desk.trust._by_keyid)

    answer = await fetched(granted.served, granted.ticket())

    assert isinstance(answer, Refused) and (answer.code, answer.reason) == (WRONG_STATE, "ROLE_NOT_HELD")
    assert await granted.records() == []


async def test_an_offset_beyond_the_document_is_refused(granted: Granted) -> None:
    answer = await fetched(granted.served, granted.ticket(offset=len(CONTENT) + 1))

    assert isinstance(answer, Refused) and answer.fields == ("ticket",)


async def test_nothing_is_given_after_its_receipt_was_confirmed(granted: Granted) -> None:
    id = granted.name.rpartition("/")[2]
    matter = (await disclosure(granted.served, granted.name)).matter.rpartition("/")[2]
    received = events_pb2.DisclosureReceived(disclosure=id, documents=[granted.digest])
    await acts.says(granted.served, "bkn", "netral.examiner.disclosure_received.v1", received, matter=matter)

    answer = await fetched(granted.served, granted.ticket())

    assert isinstance(answer, Refused) and (answer.code, answer.reason) == (WRONG_STATE, "ALREADY_RECEIVED")
