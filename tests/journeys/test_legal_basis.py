"""A statement that its sender has no right to send: refused with the basis named, kept as evidence, nothing half done.

The sender's desk is the real one, with one thing wrong: the basis that it cites, or the role that has passed on.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.type.date_pb2 import Date
from sqlalchemy import inspect, text

from audit.formats.leaf import Kind
from exchange.context import HostContext
from exchange.statements import envelope, trust
from host import front_door
from host.services.exchange_api import ExchangeRead
from netral.exchange.v1 import receipt_pb2, service_pb2
from netral.prevention.v1.service_pb2 import IssueCampaignRequest
from support.invariants import read_host_tables
from support.steps import Place, World
from support.story import NIP, Story

CIRCULAR = "netral.examiner.campaign_issued.v1"
REFERRED, VERIFIED = "netral.supervisor.referred.v1", "netral.examiner.verified.v1"
IN_THE_STORY = datetime(2023, 12, 20, 3, tzinfo=UTC)
AFTER_KASN = datetime(2024, 9, 10, 3, tzinfo=UTC)
# What a refused statement may write at its recipient: itself, the evidence, and the log's own books. The data key of its matter
# is made before it is judged; nothing is encrypted under it.
EVIDENCE = {"inbox", "leaf", "pair_in"}
LOG = {
    "pending_leaf",
    "leaf_index",
    "hash_tile",
    "chain_page",
    "checkpoint",
    "sequencer_lease",
    "case_entry",
    "heading",
    "data_key",
}


@dataclass(frozen=True)
class Clock:
    """Runs as the real one does, from another day on."""

    ahead: timedelta

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def set_clocks(world: World, at: datetime) -> None:
    for desk in world.desks.values():
        desk.now = Clock(at - datetime.now(UTC))


def cite(desk: HostContext, basis: str) -> None:
    """The desk's software cites this basis, whatever it sends."""
    desk.law = replace(desk.law, basis=lambda type, on, sender: basis)


async def rows(desk: HostContext) -> dict[str, list[str]]:
    """Every row of a desk's two databases, without the log's own books."""
    found: dict[str, list[str]] = {}
    for database in (desk.database, desk.vault.database):
        async with database.read() as connection:
            names: list[str] = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
            for name in set(names) - LOG:
                found[name] = sorted(
                    repr(tuple(row)) for row in await connection.execute(text(f'SELECT * FROM "{name}"'))
                )
    return found


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    return {name for name in after if after[name] != before[name]}


async def held_up(desk: HostContext, party: str) -> list[Any]:
    """Rows that `netral exchange parked` shows."""
    front_door.set_caller(front_door.Caller(party, "operator-1", "operator"))
    request = service_pb2.ListParkedRequest(parent=f"institutions/{party}")
    return list((await ExchangeRead(desk).ListParked(request, None)).parked)


async def evidence(
    desk: HostContext, name: str, statement: str
) -> tuple[list[bytes], list[receipt_pb2.Receipt]]:
    """The leaves of a statement, and the receipts for it, that a desk keeps."""
    leaves = [leaf for leaf in (await read_host_tables(name, desk.database)).leaves if leaf.ref == statement]
    said = [envelope.read(leaf.body[1:]).payload for leaf in leaves if leaf.kind == Kind.RECEIPT]
    return (
        [leaf.body for leaf in leaves if leaf.kind == Kind.STATEMENT],
        [receipt_pb2.Receipt.FromString(payload) for payload in said],
    )


async def assert_refused(
    world: World, sender: str, recipient: str, type: str, reason: str, detail: str
) -> None:
    """Both sides keep the same statement and the same refusal; the recipient says why to its operator."""
    here, there = world.desks[sender], world.desks[recipient]
    party = {"bawaslu": "bawaslu", "kasn": "kasn", "ppk": "ppk-6202"}[recipient]
    (sent,) = [
        row
        for row in (await read_host_tables(sender, here.database)).outbox
        if (row.type, row.recipient) == (type, party)
    ]
    assert (sent.outcome, sent.reason, sent.custody is not None) == ("REFUSED", reason, True)

    (shown,) = await held_up(there, party)
    assert (shown.name.rpartition("/")[2], shown.state, shown.reason) == (sent.id, "REFUSED", reason)
    assert (shown.type, shown.authentic, shown.detail) == (type, True, detail)

    assert NIP not in shown.detail

    ours, theirs = await evidence(here, sender, sent.id), await evidence(there, recipient, sent.id)
    assert ours == theirs
    _, (receipt,) = theirs
    assert (receipt.stage, receipt.outcome, receipt.reason) == (
        receipt_pb2.Receipt.STAGE_OUTCOME,
        receipt_pb2.Receipt.OUTCOME_REFUSED,
        reason,
    )
    assert receipt.HasField("custody_time")


@pytest.mark.parametrize(
    ("cited", "detail"),
    [
        ("pks-2020/enforcement", "pks-2020/enforcement lapsed on 2023-01-31"),
        ("perbawaslu-9-2024", "perbawaslu-9-2024 was not in force before 2024-09-30"),
        ("pks-2023/prevention", f"pks-2023/prevention does not permit {REFERRED}"),
        ("uu-5-2014-art-32", f"uu-5-2014-art-32 does not permit {REFERRED}"),
        (NIP, "what is cited is not a legal basis of the agreement"),
        ("", "no legal basis is cited"),
    ],
    ids=["lapsed", "not yet in force", "another item", "another role's", "made up", "none"],
)
async def test_a_referral_without_a_basis_valid_for_its_date_is_refused_with_the_basis_named(
    place: Place, cited: str, detail: str
) -> None:
    async with World(place) as world:
        set_clocks(world, IN_THE_STORY)
        story = Story()
        steps = story.steps()
        for _ in range(2):
            answer = await world.call(*next(steps))
            story.matter = answer.matter.rpartition("/")[2]
            await world.settle()
        cite(world.desks["bawaslu"], cited)
        before = await rows(world.desks["kasn"])

        await world.call(*next(steps))
        await world.settle()

        after = await rows(world.desks["kasn"])
        assert changed(before, after) == EVIDENCE
        await assert_refused(world, "bawaslu", "kasn", REFERRED, "NO_LEGAL_BASIS", detail)


async def test_a_circular_under_an_agreement_whose_period_is_closed_reaches_nobodys_desk(
    place: Place,
) -> None:
    async with World(place) as world:
        set_clocks(world, AFTER_KASN)
        cite(world.desks["kasn"], "pks-2023/prevention")
        before = await rows(world.desks["ppk"])
        request = IssueCampaignRequest(
            parent="institutions/kasn",
            kind="CIRCULAR",
            number="B-1/KASN/9/2024",
            letter_date=Date(year=2024, month=9, day=10),
            asks=["ROLL_CALL"],
            addressees=["ppk-6202"],
            request_id=str(uuid4()),
        )

        await world.call("kasn", "IssueCampaign", request)
        await world.settle()

        assert changed(before, await rows(world.desks["ppk"])) == EVIDENCE
        detail = "pks-2023/prevention lapsed on 2024-09-04"
        await assert_refused(world, "kasn", "ppk", CIRCULAR, "NO_LEGAL_BASIS", detail)


async def test_what_the_examiner_says_after_its_role_has_passed_is_refused_everywhere(place: Place) -> None:
    known_to_kasn = trust.load_parties(place.folder / "parties.json")  # its own file is an old one
    let_kasn_end(place)
    async with World(place) as world:
        world.desks["kasn"].trust = known_to_kasn
        set_clocks(world, IN_THE_STORY)
        story = Story()
        *before_verification, verification = await played(world, story)
        assert len(before_verification) == 12
        set_clocks(world, AFTER_KASN)
        heard = {name: await rows(world.desks[name]) for name in ("bawaslu", "ppk")}

        await world.call(*verification)
        await world.settle()

        basis = "perpres-92-2024 is the basis of the role, not of the sender"
        for name in ("bawaslu", "ppk"):
            assert changed(heard[name], await rows(world.desks[name])) == EVIDENCE
            await assert_refused(
                world,
                "kasn",
                name,
                VERIFIED,
                "ROLE_NOT_HELD",
                f"the sender did not hold the role on 2024-09-10; {basis}",
            )


async def played(world: World, story: Story) -> list[tuple[str, str, Any]]:
    """Make every call but the last; gives all of them."""
    made: list[tuple[str, str, Any]] = []
    for step in story.steps():
        made.append(step)
        if step[1] == "VerifyFollowUp":
            return made
        answer = await world.call(*step)
        story.matter = answer.matter.rpartition("/")[2]
        await world.settle()
    raise AssertionError("the story has no verification")


def let_kasn_end(place: Place) -> None:
    """KASN holds the examiner role until 4 September 2024 in the parties file."""
    path = place.folder / "parties.json"
    document = json.loads(path.read_text())
    (kasn,) = [party for party in document["parties"] if party["id"] == "kasn"]
    (role,) = kasn["roles"]
    role["until"] = "2024-09-03T17:00:00+00:00"
    path.write_text(json.dumps(document))
