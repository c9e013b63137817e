"""Questions to the trail: each way of asking finds what it must and nothing else, page by page, as of any moment."""

from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.log.reads import BadQuery, NoSuchLog
from audit.queries import search
from audit.queries.search import Question
from audit.tables import CaseIndexRow, FacetRow, Leaf
from exchange.statements import receipts
from storage import together
from storage.engines import Database
from storage.types import table
from support.searched import NOON, Trail, case, matter


@pytest.fixture
async def trail(database_url: str, tmp_path: Path) -> AsyncIterator[Trail]:
    trail = Trail(Database(database_url), tmp_path)
    await trail.make_tables()
    yield trail
    await trail.database.close()


async def found(trail: Trail, limit: int = 100, **asked: Any) -> list[int]:
    """The indexes of what a question finds, over all its pages."""
    question, indexes, after = Question(**asked), list[int](), -1
    async with trail.database.read() as connection:
        head = await search.head_at(connection, trail.party, None)
        for _ in range(200):
            page = await search.search(connection, trail.party, question, head.size, after=after, limit=limit)
            assert len(page.leaves) <= limit
            indexes += [leaf.index for leaf in page.leaves]
            if page.after is None:
                return indexes
            assert page.after > after
            after = page.after
    raise AssertionError("the pages do not end")


async def a_case(trail: Trail) -> None:
    """Two matters of a case and one of another: 0-1 referral, 2 act, 3-4 recommendation, 5 clock, …"""
    first = trail.statement(
        "bawaslu",
        "kasn",
        about=matter(1),
        case=case(1),
        type="netral.supervisor.referred.v1",
        basis="pks-1",
        actor="b1",
    )
    trail.record(about=matter(1), case=case(1), number="B-12/KASN/2026", region="62.02")
    trail.statement("kasn", "ppk-6202", about=matter(1), case=case(1), cause=first)
    trail.record("kasn.remind", about=matter(2), case=case(1), state="OVERDUE", actor="clock", kind="clock")
    trail.statement("kasn", "ppk-6202", about=matter(3), case=case(2), state=receipts.REFUSED, actor="o8")
    trail.record("kasn.letter", case=case(1), state="", actor="o8")
    await trail.commit()


# What is asked by, and the indexes of what a_case has of it.
ASKED: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ({"matters": (matter(1),)}, [0, 1, 2, 3, 4]),
    ({"matters": (matter(2), matter(3))}, [5, 6, 7]),
    ({"case": case(1)}, [0, 1, 2, 3, 4, 5, 8]),
    ({"case": case(1), "matters": (matter(1),)}, [0, 1, 2, 3, 4]),
    ({"case": case(9)}, []),
    ({"actor": "o8"}, [6, 8]),
    ({"actor_kind": "clock"}, [5]),
    ({"actor_kind": "service"}, [1, 4, 7]),
    ({"agency": "bawaslu"}, [0, 1]),
    ({"agency": "ppk-6202"}, [3, 4, 6, 7]),
    ({"region": "62"}, [2, 3, 4, 6, 7]),
    ({"region": "62.02", "actor": "o7"}, [2, 3]),
    ({"region": "63"}, []),
    ({"type": "kasn.remind"}, [5]),
    ({"type": "kasn.*"}, [2, 5, 8]),
    ({"type": "receipt.outcome"}, [1, 4, 7]),
    ({"outcome": "REFUSED"}, [7]),
    ({"outcome": "OVERDUE", "case": case(1)}, [5]),
    ({"basis": "pks-1"}, [0]),
    ({"first": 3, "end": 5}, [3, 4]),
    ({"first": 3, "end": 5, "matters": (matter(1),)}, [3, 4]),
    ({"text": "b-12/kasn"}, [2]),
    ({"text": "62.02", "matters": (matter(1),)}, [2]),
    ({"text": "nobody"}, []),
]


async def test_a_question_finds_what_it_asks_by_and_nothing_else(trail: Trail) -> None:
    await a_case(trail)

    for asked, expected in ASKED:
        assert (asked, await found(trail, **asked)) == (asked, expected)
        assert (asked, await found(trail, limit=2, **asked)) == (asked, expected)


async def test_leaves_are_found_by_time_and_by_actor_and_time(trail: Trail) -> None:
    for _ in range(10):
        trail.record(actor="o1")
        trail.record(actor="o2")
    await trail.commit()
    since, until = NOON + timedelta(minutes=5), NOON + timedelta(minutes=9)

    assert await found(trail, since=since, until=until) == [4, 5, 6, 7]
    assert await found(trail, actor="o1", since=since, until=until) == [4, 6]
    assert await found(trail, actor="o1", since=until) == [8, 10, 12, 14, 16, 18]


async def test_a_question_with_many_answers_walks_the_log_and_says_where_it_goes_on(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_VERY_FEW", 3)
    monkeypatch.setattr(search, "_FEW", 5)
    monkeypatch.setattr(search, "_STRETCH", 7)
    monkeypatch.setattr(search, "_STRETCHES", 1)
    for number in range(60):
        trail.record(actor="o1", number="rare" if number == 55 else "")
    await trail.commit()

    assert await found(trail, actor="o1") == list(range(60))
    assert await found(trail, limit=3, actor="o1") == list(range(60))
    assert await found(trail, text="rare") == [55]
    assert await found(trail, actor="o1", first=11, end=20) == list(range(11, 20))
    since = NOON + timedelta(minutes=56)
    assert await found(trail, limit=3, actor="o1", since=since) == list(range(55, 60))


async def test_facets_count_what_was_found_by_each_word(trail: Trail) -> None:
    await a_case(trail)
    trail.record(about=matter(1))
    await trail.commit(sequence=False)

    async def counted(**asked: Any) -> dict[str, dict[str, int]]:
        async with trail.database.read() as connection:
            size = (await search.head_at(connection, "kasn", None)).size
            return await search.facets(connection, "kasn", Question(**asked), size)

    whole = await counted()
    assert whole["kind"] == {"statement": 3, "receipt": 3, "record": 3}
    assert whole["actor_kind"] == {"person": 5, "service": 3, "clock": 1}
    assert whole["outcome"]["REFUSED"] == 1
    assert (await counted(case=case(1)))["author"] == {"kasn": 5, "bawaslu": 1, "ppk-6202": 1}
    assert (await counted(first=2, end=5))["type"] == {
        "kasn.examine": 1,
        "netral.examiner.recommended.v1": 1,
        "receipt.outcome": 1,
    }
    assert await counted(case=case(9)) == {}
    with pytest.raises(BadQuery) as refused:
        await counted(text="x")
    assert refused.value.field == "with_facets"


async def test_a_moment_is_answered_from_the_newest_checkpoint_that_was_signed_by_then(trail: Trail) -> None:
    moments = []
    for _ in range(3):
        trail.record(about=matter(1))
        await trail.commit()
        moments.append(trail.now)

    async with trail.database.read() as connection:
        sizes = [(await search.head_at(connection, "kasn", moment)).size for moment in moments]
        assert sizes == [2, 4, 6]
        between = moments[0] + timedelta(seconds=1)
        assert (await search.head_at(connection, "kasn", between)).size == 2
        assert (await search.head_at(connection, "kasn", None)).size == 6
        with pytest.raises(NoSuchLog):
            await search.head_at(connection, "kasn", NOON)
        page = await search.search(connection, "kasn", Question(matters=(matter(1),)), sizes[1], limit=9)
    assert [leaf.index for leaf in page.leaves] == [0, 2]


async def test_leaves_from_before_there_were_headings_get_theirs_by_the_migration(trail: Trail) -> None:
    await a_case(trail)
    async with trail.database.write() as connection:
        whole = list(await connection.execute(select(table(FacetRow)).order_by(table(FacetRow).c.id)))
        for model in (FacetRow, CaseIndexRow):
            await connection.execute(table(model).delete())
        await connection.execute(table(Leaf).update().values(heading=0))
        await connection.run_sync(import_module("audit.migrations.versions.0005_finding")._fill)
        assert list(await connection.execute(select(table(FacetRow)).order_by(table(FacetRow).c.id))) == whole

    assert await found(trail, region="62") == [2, 3, 4, 6, 7]
    assert await found(trail, case=case(1)) == [0, 1, 2, 3, 4, 5, 8]


async def test_what_is_beside_a_leaf_is_written_once_and_again_if_its_commit_failed(trail: Trail) -> None:
    trail.record(about=matter(1), case=case(1))
    for _ in range(3):
        async with trail.database.write() as connection:
            await together.write(connection, trail.beside.writes(trail.known))
    await trail.commit()
    trail.record(about=matter(1), case=case(1))
    await trail.commit()

    assert await found(trail, case=case(1)) == [0, 2]
