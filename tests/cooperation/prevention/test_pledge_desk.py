"""A running host of authorities: lists imported, cut off, gone on with, proved, erased; what is kept, said and logged."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest

from agreement.prevention import campaigns
from audit.formats.tlog import root_of
from cooperation.prevention.pledges import import_stream, merkle_tree, reads, store
from cooperation.prevention.pledges import proof as proofs
from cooperation.prevention.pledges.domain.rows import Entry, Rows, columns
from exchange.statements import trust
from netral.erasure.v1.service_pb2 import PlaceHoldRequest
from netral.prevention.v1 import events_pb2
from netral.prevention.v1 import pledges_pb2 as pb
from netral.prevention.v1.pledges_pb2_grpc import PledgeServiceStub
from support import acts, desks, erasures
from support.alone import Alone
from support.basics import new_id
from support.desks import Caller, Refused, Served
from support.erasures import SERVICE as ERASURES
from support.preventions import (
    AUTHORITY,
    HEADER,
    PLEDGE_READS,
    PLEDGES,
    a_file,
    broken_in,
    has_arrived,
    is_listed,
    lines,
    messages,
    number_of,
    row,
    stream,
)
from support.waiting import HANGS, until

EXAMPLE = Path(__file__).parents[3] / "deploy" / "examples" / "pledges.py"
PARENT = f"institutions/{AUTHORITY}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk", database_url=url)) as served:
        yield served


def imported(answer: pb.ImportPledgesResponse | Refused) -> pb.ImportPledgesResponse:
    assert isinstance(answer, pb.ImportPledgesResponse), answer
    return answer


async def entries_of(served: Served, name: str) -> list[bytes]:
    """Entries of a list in its order, as only who has its key can know them."""
    known = await list_of(served, name)
    key = await store.key_of(served.desk, known.party, known.id)
    found = []
    async for piece in store._pieces(served.desk, known):
        found += [entry.encode() for entry in store.opened(key, known.id, piece.number, piece.sealed)]
    return found


async def root_again(served: Served, name: str) -> bytes:
    """The root of a list, made again from its rows and its key alone."""
    known = await list_of(served, name)
    salts = merkle_tree.salts_key(await store.key_of(served.desk, known.party, known.id))
    return root_of(merkle_tree.leaves(salts, 0, await entries_of(served, name)))


async def list_of(served: Served, name: str) -> Any:
    _, party, _, id = name.split("/")
    return await reads.pledge_list(served.desk.database, party, id)


async def proved(served: Served, name: str, number: str) -> pb.ProvePledgeResponse | Refused:
    request = pb.ProvePledgeRequest(
        name=name,
        number=number,
        purpose=events_pb2.PROOF_PURPOSE_PERSON_REQUEST,
        request_id=new_id(),
    )
    answer = await served.call(PLEDGES + "ProvePledge", request, Caller(AUTHORITY))
    return answer if isinstance(answer, Refused) else pb.ProvePledgeResponse.FromString(answer)


async def test_good_rows_are_kept_and_broken_ones_reported_by_line_and_reason(served: Served) -> None:
    answer = imported(await stream(served, messages(a_file(lines(10_000)))))

    wanted = broken_in(10_000)
    assert [(each.line, each.reason) for each in answer.broken_rows] == wanted
    assert {each.reason: each.count for each in answer.reasons} == {
        reason: sum(1 for _, each in wanted if each == reason) for reason in ("DATE", "FORMULA", "NUMBER")
    }
    assert (answer.list.state, answer.list.size) == ("LISTED", 10_000 - len(wanted))
    assert answer.list.broken == len(wanted)
    assert sum(unit.count for unit in answer.list.units) == answer.list.size
    assert answer.list.root == await root_again(served, answer.list.name)


async def test_what_is_stated_are_counts_and_a_root(served: Served) -> None:
    answer = imported(await stream(served, messages(a_file(lines(500)), units_in_total=44)))

    told = await acts.sent(served, answer.act)
    assert [(each.type, each.recipient) for each in told] == [
        ("netral.personnel_authority.pledges_listed.v1", "bawaslu"),
        ("netral.personnel_authority.pledges_listed.v1", "bkn"),
    ]
    facts = events_pb2.PledgesListed()
    assert told[0].facts.Unpack(facts)
    assert (facts.root, facts.size, facts.units_in_total) == (answer.list.root, answer.list.size, 44)
    assert sum(each.count for each in facts.units) == facts.size


async def test_what_is_stated_names_the_text_and_the_post_of_who_read_it(served: Served) -> None:
    requests = messages(a_file([HEADER, row(1)]), pledge="ikrar-2024", read_by="REGIONAL_HEAD")
    answer = imported(await stream(served, requests))

    facts = events_pb2.PledgesListed()
    assert (await acts.sent(served, answer.act))[0].facts.Unpack(facts)
    assert (facts.pledge, facts.read_by) == ("ikrar-2024", "REGIONAL_HEAD")
    assert facts.pledge_digest.hex() == campaigns.pledge("ikrar-2024").sha256
    assert answer.list.pledge == "ikrar-2024"


async def test_a_list_that_names_no_text_has_the_usual_one_of_the_days_of_its_rows(served: Served) -> None:
    first, second, third = (
        row(at, tanggal=day) for at, day in ((1, "2020-11-02"), (2, "13-11-2023"), (3, "2023-11-14"))
    )
    mostly = imported(await stream(served, messages(a_file([HEADER, first, second, third]))))
    before = imported(await stream(served, messages(a_file([HEADER, first]))))

    assert (mostly.list.pledge, before.list.pledge) == ("ikrar-2024", "ikrar-2020")
    facts = events_pb2.PledgesListed()
    assert (await acts.sent(served, mostly.act))[0].facts.Unpack(facts)
    assert (facts.pledge, facts.pledge_digest.hex()) == ("ikrar-2024", campaigns.pledge("ikrar-2024").sha256)


@pytest.mark.parametrize("wrong", [{"pledge": "ikrar-1999"}, {"read_by": "Tokoh Rekaan"}])
async def test_a_text_or_reader_that_is_not_listed_begins_no_list(
    served: Served, wrong: dict[str, str]
) -> None:
    before = await served.rows()
    answer = await stream(served, messages(a_file([HEADER, row(1)]), **wrong))

    assert isinstance(answer, Refused)
    assert answer.fields == tuple(wrong)
    assert await served.rows() == before


async def test_nobody_in_a_list_stands_in_a_database_readably(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = imported(await stream(served, messages(a_file([HEADER, row(1), row(2), row(3, status="X")]))))
    await proved(served, answer.list.name, number_of(1))

    said = capsys.readouterr()
    everywhere = repr(await served.rows()) + said.out + said.err + str(answer)
    for person in (1, 2, 3):
        assert number_of(person) not in everywhere
        assert f"Tokoh Rekaan {person}" not in everywhere


async def test_a_stream_that_is_cut_off_goes_on_with_the_same_root(served: Served) -> None:
    data, id = a_file(lines(20_000)), new_id()
    requests = messages(data, size=64 * 1024, request_id=id)
    for count in (0, 3, 12):
        cut = await stream(served, [*requests[: count + 1]])
        assert isinstance(cut, Refused)
        assert (cut.code, cut.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "UNFINISHED")
    kept = await served.rows()
    answer = imported(await stream(served, requests))

    assert 0 < len(kept["pledge_piece"]) < len((await served.rows())["pledge_piece"])
    assert answer.list.root == await root_again(served, answer.list.name)
    assert await entries_of(served, answer.list.name) == entries(20_000)
    assert len(answer.broken_rows) == len(broken_in(20_000))
    assert imported(await stream(served, requests)) == answer


def entries(count: int) -> list[bytes]:
    """Entries in the file of `lines`."""
    rows = Rows(columns(HEADER), date(2026, 1, 1))
    read = [rows.read(line) for line in list(lines(count))[1:]]
    return [each.text.encode() for each in read if isinstance(each, Entry)]


async def test_a_finished_list_is_not_changed_by_other_content(served: Served) -> None:
    data, id = a_file([HEADER, row(1), row(2)]), new_id()
    first = imported(await stream(served, messages(data, request_id=id)))
    before = await served.rows()
    for wrong in (
        messages(data + a_file([row(3)]), request_id=id),
        messages(data, request_id=id, units_in_total=3),
    ):
        answer = await stream(served, wrong)
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")

    assert await served.rows() == before
    assert imported(await stream(served, messages(data, request_id=id))) == first


async def test_messages_of_one_stream_speak_of_one_list(served: Served) -> None:
    one, other = messages(a_file(lines(100)), size=2000)[:2]
    other.units_in_total = 7
    answer = await stream(served, [one, other])

    assert isinstance(answer, Refused)
    assert answer.fields == ("units_in_total",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "NO_HEADER"), (b"a,b\n1,2\n", "NO_HEADER"), (b"PK\x03\x04" + bytes(100), "NO_HEADER")],
)
async def test_what_is_no_list_is_refused_and_leaves_nothing(
    served: Served, data: bytes, reason: str
) -> None:
    before = await served.rows()
    answer = await stream(served, messages(data))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason, answer.fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        reason,
        ("data",),
    )
    assert await served.rows() == before


async def test_a_file_without_a_good_row_states_nothing(served: Served) -> None:
    answer = imported(await stream(served, messages(a_file([HEADER, row(1, nip="x"), row(2, unit="-")]))))

    assert (answer.list.state, answer.list.size) == ("EMPTY", 0)
    assert list(answer.act.statements) == []
    assert [each.reason for each in answer.broken_rows] == ["NUMBER", "FORMULA"]


async def test_two_streams_of_one_request_id_do_not_mix(served: Served) -> None:
    requests = messages(a_file(lines(20_000)), size=64 * 1024)
    answers = await asyncio.gather(*(stream(served, requests) for _ in range(2)))
    answer = imported(await stream(served, requests))

    assert {each.reason for each in answers if isinstance(each, Refused)} <= {"IMPORT_ELSEWHERE"}
    assert answer.list.root == await root_again(served, answer.list.name)
    assert await entries_of(served, answer.list.name) == entries(20_000)


async def test_only_so_many_lists_are_imported_at_once(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_stream, "IMPORTS_AT_ONCE", 0)
    answer = await stream(served, messages(a_file([HEADER, row(1)])))

    assert isinstance(answer, Refused)
    assert answer.code == grpc.StatusCode.UNAVAILABLE


async def test_who_is_in_a_list_is_proved_to_somebody_who_has_the_parties_file_only(served: Served) -> None:
    answer = imported(await stream(served, messages(a_file(lines(5_000)))))
    parties = trust.load_parties(served.running.settings.parties_file)
    for person in (0, 17, 4_095):
        found = await proved(served, answer.list.name, number_of(person))
        assert isinstance(found, pb.ProvePledgeResponse) and found.in_list
        shown = proofs.check(parties, found.proof)
        assert (shown.number, shown.authority, shown.size) == (
            number_of(person),
            AUTHORITY,
            answer.list.size,
        )


async def test_a_stranger_is_not_in_the_list_and_cannot_borrow_a_proof(served: Served) -> None:
    answer = imported(await stream(served, messages(a_file(lines(300, every=0)))))
    parties = trust.load_parties(served.running.settings.parties_file)
    asked = await proved(served, answer.list.name, number_of(9_999))
    found = await proved(served, answer.list.name, number_of(7))

    assert isinstance(asked, pb.ProvePledgeResponse) and isinstance(found, pb.ProvePledgeResponse)
    assert (asked.in_list, asked.HasField("proof")) == (False, False)
    assert asked.record in str((await served.rows())["leaf"])
    for borrowed in borrowings(found.proof):
        with pytest.raises(proofs.ProofError):
            proofs.check(parties, borrowed)


def borrowings(proof: pb.PledgeProof) -> list[pb.PledgeProof]:
    """Somebody else's proof with the stranger's number, another authority's name, or a changed statement."""
    found = []
    for field, value in (
        ("entry", proof.entry.replace(number_of(7).encode(), number_of(9_999).encode())),
        ("authority", "ppk-3204"),
        ("statement", proof.statement[:-1] + bytes([proof.statement[-1] ^ 1])),
        ("statement", b""),
        ("index", 8),
        ("salt", bytes(32)),
    ):
        wrong = pb.PledgeProof()
        wrong.CopyFrom(proof)
        setattr(wrong, field, value)
        found.append(wrong)
    return found


async def test_an_erased_list_proves_nothing_and_its_key_and_rows_are_gone(served: Served) -> None:
    name = await is_listed(served)
    request = pb.ErasePledgeListRequest(name=name, request_id=new_id())
    act = await acts.done(served, PLEDGES + "ErasePledgeList", request)

    rows = await served.rows()
    assert act.state == "ERASED"
    assert (rows["pledge_piece"], rows["pledge_tile"]) == ([], [])
    (row,) = rows["data_key"]
    assert (
        f"('{AUTHORITY}', '{name.rsplit('/', 1)[1]}', b''" in row
    )  # what stays of a key: that it was destroyed
    asked = await proved(served, name, number_of(1))
    assert isinstance(asked, Refused)
    assert (asked.code, asked.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_LISTED")
    again = await served.call(
        PLEDGES + "ErasePledgeList",
        pb.ErasePledgeListRequest(name=name, request_id=new_id()),
        Caller(AUTHORITY),
    )
    assert isinstance(again, Refused)
    assert again.reason == "ERASED_ALREADY"


@pytest.mark.parametrize("everything", [True, False], ids=["all that it holds", "the list"])
async def test_a_legal_hold_stops_the_erasure_of_a_list_until_it_is_lifted(
    everything: bool, served: Served
) -> None:
    name = await is_listed(served)
    target = PARENT if everything else name.replace("/pledgeLists/", "/matters/")
    placing = PlaceHoldRequest(name=target, reason="COURT_CASE", request_id=new_id())
    await acts.done(served, ERASURES + "PlaceHold", placing)

    erasing = pb.ErasePledgeListRequest(name=name, request_id=new_id())
    refused = await served.call(PLEDGES + "ErasePledgeList", erasing, Caller(AUTHORITY))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "HELD")
    assert (await served.rows())["pledge_piece"]

    await acts.done(served, ERASURES + "LiftHold", await erasures.lifting(served, AUTHORITY))
    assert (await acts.done(served, PLEDGES + "ErasePledgeList", erasing)).state == "ERASED"
    assert (await served.rows())["pledge_piece"] == []


async def test_an_erasure_that_died_half_way_is_finished_by_the_loop(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await is_listed(served)

    async def dies(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(store, "destroy", dies)
    request = pb.ErasePledgeListRequest(name=name, request_id=new_id())
    assert isinstance(await served.call(PLEDGES + "ErasePledgeList", request, Caller(AUTHORITY)), Refused)
    monkeypatch.undo()
    assert (await served.rows())["pledge_piece"]

    assert await store.destroy_left(served.desk) == 1
    assert (await served.rows())["pledge_piece"] == []
    assert await store.destroy_left(served.desk) == 0


async def test_a_list_that_is_erased_while_it_is_imported_is_not_finished(served: Served) -> None:
    requests = messages(a_file(lines(20_000)), size=64 * 1024)
    await stream(served, requests[:8])
    listed = await served.call(
        PLEDGE_READS + "ListPledgeLists", pb.ListPledgeListsRequest(parent=PARENT), Caller(AUTHORITY)
    )
    assert isinstance(listed, bytes)
    (unfinished,) = pb.ListPledgeListsResponse.FromString(listed).lists
    assert unfinished.state == "IMPORTING"
    await acts.done(
        served,
        PLEDGES + "ErasePledgeList",
        pb.ErasePledgeListRequest(name=unfinished.name, request_id=new_id()),
    )

    answer = await stream(served, requests)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_IMPORTING")


async def test_a_list_in_answer_to_a_campaign_that_nobody_opened_is_refused(served: Served) -> None:
    before_opening = await has_arrived(served)
    for campaign, code in (
        (before_opening, grpc.StatusCode.FAILED_PRECONDITION),
        (f"{PARENT}/campaigns/{new_id()}", grpc.StatusCode.NOT_FOUND),
        (f"institutions/ppk-3204/campaigns/{new_id()}", grpc.StatusCode.PERMISSION_DENIED),
    ):
        answer = await stream(served, messages(a_file([HEADER, row(1)]), campaign=campaign))
        assert isinstance(answer, Refused)
        assert (answer.code, answer.fields) == (code, ("campaign",))
    assert (await served.rows())["pledge_list"] == []


async def test_broken_rows_are_listed_page_by_page(served: Served) -> None:
    answer = imported(await stream(served, messages(a_file(lines(10_000)))))
    found, token = [], ""
    while True:
        request = pb.ListBrokenRowsRequest(name=answer.list.name, page_size=40, page_token=token)
        page = await served.call(PLEDGE_READS + "ListBrokenRows", request, Caller(AUTHORITY))
        assert isinstance(page, bytes)
        read = pb.ListBrokenRowsResponse.FromString(page)
        found += [(each.line, each.reason) for each in read.rows]
        token = read.next_page_token
        if not token:
            break

    assert found == broken_in(10_000)


# --- killed ------------------------------------------------------------------------------------------------------------


def lines_read(folder: Path) -> int:
    """Number of lines of its list that the desk has committed, as another process sees it."""
    with sqlite3.connect(folder / "ppk" / "desk.sqlite", timeout=10) as database:
        (found,) = database.execute("SELECT coalesce(max(lines), 0) FROM pledge_list").fetchone()
    return int(found)


async def test_a_host_killed_in_the_middle_of_an_import_goes_on_with_the_same_root(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    requests = messages(a_file(lines(20_000)), size=64 * 1024)
    with Alone(tmp_path) as host:
        assert host.process is not None
        killed = asyncio.Event()

        async def half() -> AsyncIterator[pb.ImportPledgesRequest]:
            for request in requests[: len(requests) // 2]:
                yield request
            await killed.wait()

        address = (tmp_path / "ppk" / "ppk.address").read_text()
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = PledgeServiceStub(channel)
            call = stub.ImportPledges(half(), metadata=Caller(AUTHORITY).metadata, timeout=HANGS)

            async def something_is_kept() -> bool:
                return await asyncio.to_thread(lines_read, tmp_path) > 0

            await until(something_is_kept)
            host.end(signal.SIGKILL)
            killed.set()
            with pytest.raises(grpc.aio.AioRpcError):
                await call
        address = await asyncio.to_thread(host.start)
        before = await asyncio.to_thread(lines_read, tmp_path)
        async with grpc.aio.insecure_channel(address) as channel:
            stub = PledgeServiceStub(channel)
            answer = await stub.ImportPledges(
                iter(requests), metadata=Caller(AUTHORITY).metadata, timeout=HANGS
            )

    assert 0 < before < 20_000
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        assert answer.list.root == await root_again(served, answer.list.name)
        assert await entries_of(served, answer.list.name) == entries(20_000)
    assert [(each.line, each.reason) for each in answer.broken_rows] == broken_in(20_000)


def test_a_personnel_offices_own_system_hands_in_its_list_and_is_safe_to_start_again(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    file = tmp_path / "ikrar.csv"
    file.write_bytes(a_file(lines(5_000)))
    with Alone(tmp_path) as host:
        address = (host.state / "ppk.address").read_text()
        command = [sys.executable, str(EXAMPLE), address, AUTHORITY, str(file)]
        ran = [subprocess.run(command, capture_output=True, text=True, timeout=HANGS) for _ in range(2)]

    assert [each.returncode for each in ran] == [0, 0], ran[0].stderr
    assert ran[0].stdout == ran[1].stdout
    assert f"LISTED {5_000 - len(broken_in(5_000))} persons" in ran[0].stdout
    assert [line.split(":")[0] for line in ran[0].stdout.splitlines()[1:]] == [
        f"line {line}" for line, _ in broken_in(5_000)
    ]


async def test_a_stream_that_falls_silent_is_ended_and_can_be_sent_again(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    requests = messages(a_file(lines(20_000)), size=256 * 1024)
    settings = desks.settings(tmp_path, "ppk", default_deadline=5.0)
    async with desks.serve("ppk", settings) as served:
        ended = asyncio.Event()

        async def silent() -> AsyncIterator[pb.ImportPledgesRequest]:
            for request in requests[:2]:
                yield request
            await ended.wait()

        stub: Any = PledgeServiceStub(served.channel)
        call = stub.ImportPledges(silent(), metadata=Caller(AUTHORITY).metadata, timeout=HANGS)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        ended.set()
        assert refused.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        kept = len((await served.rows())["pledge_piece"])
        answer = imported(await stream(served, requests))

    assert kept > 0
    assert answer.list.size == 20_000 - len(broken_in(20_000))
