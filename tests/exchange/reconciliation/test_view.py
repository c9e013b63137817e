"""Reconciliation: two parties' signed views, compared number by number; whoever lacks something is named with the matter."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from audit.formats import note
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import Leaf, LeafIndex, PendingLeaf
from audit.verification.findings import AuthorKey
from exchange.reconciliation import compare
from exchange.reconciliation.compare import BadView, Gap
from exchange.reconciliation.view import signed_view
from exchange.tables import Inbox, Outbox
from support.pair import Side, a_matter, open_sides, settle, table


@pytest.fixture(params=["sqlite", "postgresql"])
async def sides(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[Side]]:
    urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in ("alpha", "beta")}
    if request.param == "postgresql":
        urls["beta"] = request.getfixturevalue("postgresql_url")
    async with open_sides(tmp_path, urls) as sides:
        yield sides


async def logged(side: Side, folder: Path) -> None:
    """Give what a side has kept its places in the log."""
    place = folder / f"{side.party}-witnessed"
    place.mkdir(exist_ok=True)
    signer = note.Signer(f"netral/{side.party}", side.desk.keys[side.party].signing)
    sequencer = Sequencer(
        side.desk.database,
        {side.party: signer},
        side.clock,
        Lease(side.party, side.clock),
        place,
        ids=side.desk.leaf_ids,
    )
    while await sequencer.run_once():
        pass


def keys(side: Side) -> dict[str, AuthorKey]:
    parties = side.desk.trust.parties.values()
    return {
        key.keyid: AuthorKey(party.id, key.public, key.period.since, key.period.until)
        for party in parties
        for key in party.signing
    }


async def found(one: Side, other: Side) -> list[Gap]:
    """The gaps of a reconciliation that was written to a file and read again."""
    views = [
        await signed_view(side.desk, side.party, peer.party) for side, peer in ((one, other), (other, one))
    ]
    opened = [compare.open_view(view, keys(one)) for view in views]
    data = compare.file(views[0], views[1], compare.gaps(*opened))
    return compare.read_file(data, keys(one))[2]


def said(gaps: list[Gap]) -> list[tuple[int, str, str]]:
    return [(gap.sequence, gap.kind, gap.lacking) for gap in gaps]


async def erase(side: Side, model: Any, **where: Any) -> None:
    rows = table(model)
    async with side.desk.database.write() as connection:
        conditions = [rows.c[name] == value for name, value in where.items()]
        await connection.execute(delete(rows).where(*conditions))


async def test_two_sides_that_agree_lack_nothing(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    await alpha.send(beta)
    await beta.send(alpha)
    await settle(alpha, beta)
    for side in sides:
        await logged(side, tmp_path)

    assert await found(alpha, beta) == []


async def test_what_is_under_way_is_sent_and_not_received(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    matter = a_matter()
    id = await alpha.send(beta, matter=matter)
    await logged(alpha, tmp_path)

    assert await found(alpha, beta) == [
        Gap("alpha", "beta", 1, id, matter, compare.SENT_NOT_RECEIVED, "beta")
    ]


async def test_without_its_receipt_a_statement_is_received_and_not_acknowledged(
    sides: list[Side], tmp_path: Path
) -> None:
    alpha, beta = sides
    await beta.take(await alpha.mailed(beta))
    for side in sides:
        await logged(side, tmp_path)

    assert said(await found(alpha, beta)) == [(1, compare.RECEIVED_NOT_ACKNOWLEDGED, "alpha")]


async def test_a_number_that_nobody_has_was_never_sent(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    await beta.take(alpha.by_hand(beta, sequence=3))
    await logged(beta, tmp_path)

    assert said(await found(alpha, beta)) == [
        (1, compare.NEVER_SENT, "beta"),
        (2, compare.NEVER_SENT, "beta"),
        (3, compare.RECEIVED_NOT_SENT, "alpha"),
    ]


async def test_one_case_that_a_party_dropped_from_its_books_and_its_log_is_named(
    sides: list[Side], tmp_path: Path
) -> None:
    """Its database is edited before its tree is signed: the log is sound in itself, and its own receipt speaks against it."""
    alpha, beta = sides
    await alpha.send(beta)
    matter = a_matter()
    id = await alpha.send(beta, matter=matter)
    await alpha.send(beta)
    await settle(alpha, beta)
    (leaf,) = await beta.rows(Leaf, ref=id, kind=1)
    await erase(beta, PendingLeaf, leaf_id=leaf.id)
    await erase(beta, Leaf, id=leaf.id)
    await erase(beta, Inbox, id=id)
    for side in sides:
        await logged(side, tmp_path)

    assert await found(alpha, beta) == [
        Gap("alpha", "beta", 2, id, matter, compare.ACKNOWLEDGED_NOT_HELD, "beta")
    ]


async def test_a_sender_that_forgets_what_it_sent_is_named(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    id = await alpha.send(beta)
    await settle(alpha, beta)
    for side in sides:
        await logged(side, tmp_path)
    await erase(alpha, Outbox, id=id)

    assert said(await found(alpha, beta)) == [(1, compare.RECEIVED_NOT_SENT, "alpha")]


async def test_a_row_without_its_bytes_in_the_log_does_not_count(sides: list[Side], tmp_path: Path) -> None:
    alpha, beta = sides
    id = await alpha.send(beta)
    await settle(alpha, beta)
    for side in sides:
        await logged(side, tmp_path)
    (leaf,) = await beta.rows(Leaf, ref=id, kind=1)
    await erase(beta, LeafIndex, leaf_id=leaf.id)

    assert said(await found(alpha, beta)) == [(1, compare.NOT_IN_LOG, "beta")]


async def test_a_view_that_was_changed_or_signed_by_another_is_refused(sides: list[Side]) -> None:
    alpha, beta = sides
    await alpha.send(beta)
    view = json.loads(await signed_view(alpha.desk, "alpha", "beta"))
    wrong_key = view | {"signatures": [view["signatures"][0] | {"keyid": beta.desk.keys["beta"].keyid}]}
    wrong_bytes = view | {"payload": "e30="}

    for bad in (wrong_key, wrong_bytes, {}, []):
        with pytest.raises(BadView):
            compare.open_view(json.dumps(bad).encode(), keys(alpha))


async def test_a_reconciliation_that_states_less_than_its_views_is_refused(sides: list[Side]) -> None:
    alpha, beta = sides
    await alpha.send(beta)
    views = [
        await signed_view(side.desk, side.party, peer.party) for side, peer in ((alpha, beta), (beta, alpha))
    ]

    with pytest.raises(BadView, match="does not follow"):
        compare.read_file(compare.file(views[0], views[1], []), keys(alpha))
