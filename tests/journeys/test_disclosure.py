"""A case file goes from the supervisor to the examiner: asked for, granted, fetched over a link that breaks, confirmed.

Real desks with their loops, gRPC and a real NATS; between the two front doors a TCP proxy that cuts the link.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest

from audit.formats.leaf import Kind
from cooperation.disclosure import automatic_decisions
from cooperation.disclosure.documents.encryption import DocumentRef, Sealer, new_header
from cooperation.disclosure.tables import DisclosureRow
from cooperation.disclosure.wire import event_of
from exchange.statements import envelope
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.disclosure.v1 import service_pb2 as pb
from netral.exchange.v1 import record_pb2, service_pb2, statement_pb2
from netral.exchange.v1.person_pb2 import PersonnelFact, ReadFileRequest, ReadFileResponse
from netral.kasn.v1 import service_pb2 as kasn
from support import acts, disclosures
from support.basics import DIGEST, new_id
from support.desks import Refused, Served
from support.disclosures import MARK, PIECE, SERVICE, a_document, attached
from support.invariants import check_all, read_host_tables
from support.linked import linked, listen
from support.nats import NatsServer
from support.proxy import proxy
from support.steps import Place, World
from support.story import Story
from support.waiting import until

Desks = Mapping[str, Served]
DOCUMENTS = 40
KASN = "/netral.kasn.v1.KasnService/"


@pytest.fixture
async def two(
    tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]
) -> AsyncIterator[Desks]:
    """Bawaslu's desk and the examiner's (BKN), on databases of either kind."""
    async with linked(tmp_path, nats_server.url, databases, "bawaslu", "kasn") as served:
        yield served


async def is_referred(desks: Desks, evidence: Sequence[bytes] = (DIGEST,)) -> str:
    """A matter is referred from one to the other with these digests as evidence; gives its id."""
    holder, asker = desks["bawaslu"], desks["kasn"]
    name = await acts.is_studied(holder)
    request = bawaslu.ReferMatterRequest(
        name=name,
        letter_number="12/PM.00.02/K.KH-05",
        letter_date=acts.day(5),
        evidence_digests=evidence,
        request_id=new_id(),
    )
    await acts.done(holder, "/netral.bawaslu.v1.BawasluService/ReferMatter", request)
    matter = name.rpartition("/")[2]
    await until(lambda: has_matter(asker, matter))
    return matter


async def has_matter(served: Served, matter: str) -> bool:
    return matter in str((await served.rows())["matter"])


def a_request(matter: str, **other: Any) -> pb.RequestDisclosureRequest:
    values: dict[str, Any] = {
        "name": f"institutions/bkn/matters/{matter}",
        "holder": "bawaslu",
        "data": "evidence",
        "purpose": "EXAMINATION",
        "legal_basis": "perpres-92-2024",
        "authority": "head-1",
        "request_id": new_id(),
    }
    return pb.RequestDisclosureRequest(**(values | other))


async def asked(desks: Desks, request: pb.RequestDisclosureRequest) -> str:
    """Ask; gives the disclosure's id."""
    return (await acts.done(desks["kasn"], SERVICE + "RequestDisclosure", request)).statements[0]


async def state_at(desks: Desks, id: str) -> tuple[str, str]:
    """The disclosure's state at asker and holder; "" where it is not known yet."""
    states = []
    for desk, party in (("kasn", "bkn"), ("bawaslu", "bawaslu")):
        try:
            found = await disclosures.disclosure(desks[desk], f"institutions/{party}/disclosures/{id}")
        except grpc.aio.AioRpcError:
            states.append("")
        else:
            states.append(found.state)
    return states[0], states[1]


async def become(desks: Desks, id: str, *states: str) -> None:
    async def are() -> bool:
        found = await state_at(desks, id)
        assert found == states, found
        return True

    await until(are)


async def fetch(desks: Desks, id: str) -> service_pb2.Act:
    request = pb.FetchDisclosureRequest(name=f"institutions/bkn/disclosures/{id}", request_id=new_id())
    return await acts.done(desks["kasn"], SERVICE + "FetchDisclosure", request)


async def told(served: Served, name: str) -> list[Any]:
    """Facts of a desk's records and statements on disclosures, in order."""
    found = []
    for leaf in sorted((await read_host_tables(name, served.desk.database)).leaves, key=lambda leaf: leaf.id):
        if leaf.kind == Kind.RECORD:
            found.append(event_of(record_pb2.Record.FromString(leaf.body[1:]).facts))
        elif leaf.kind == Kind.STATEMENT:
            payload = envelope.read(leaf.body[1:]).payload
            found.append(event_of(statement_pb2.Statement.FromString(payload).facts))
    return [each for each in found if each is not None]


def kinds(events: list[Any]) -> list[str]:
    return [type(each).__name__ for each in events]


async def test_forty_documents_are_fetched_over_a_link_that_breaks_twice_and_both_trails_show_it(
    two: Desks, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    contents = [a_document(PIECE + 1000 + n, seed=n) for n in range(DOCUMENTS)]
    digests = [sha256(content).digest() for content in contents]
    matter = await is_referred(two, digests)
    for content in contents:
        await attached(two["bawaslu"], f"institutions/bawaslu/matters/{matter}", content)

    id = await asked(two, a_request(matter, documents=digests))
    await become(two, id, "GRANTED", "GRANTED")
    async with proxy(two["bawaslu"].running.address, 3 * PIECE, 31 * PIECE) as link:
        listen(tmp_path, {"bawaslu": link.address})
        await fetch(two, id)
        await become(two, id, "RECEIVED", "RECEIVED")
        assert link.broken == 2

    for content, digest in zip(contents, digests, strict=True):
        here = await disclosures.download(two["kasn"], f"institutions/bkn/matters/{matter}", digest)
        assert here == content
    ours, theirs = [await told(two[name], name) for name in ("kasn", "bawaslu")]
    assert {"DisclosureRequested", "DisclosureGranted", "FetchOrdered", "DisclosureReceived"} <= set(
        kinds(ours)
    )
    assert kinds(ours).count("DocumentAttached") == DOCUMENTS
    handed = [each for each in theirs if type(each).__name__ == "DocumentDisclosed"]
    assert {each.digest for each in handed} == {digest.hex() for digest in digests}
    assert {(each.recipient, each.purpose, each.legal_basis, each.authority) for each in handed} == {
        ("bkn", "EXAMINATION", "perpres-92-2024", "head-1")
    }
    assert len(handed) >= DOCUMENTS + 2
    for trail in (ours, theirs):
        (received, *_) = [each for each in trail if type(each).__name__ == "DisclosureReceived"]
        assert sorted(received.documents) == sorted(digest.hex() for digest in digests)
    await assert_no_bytes_of_documents(two, tmp_path, "".join(capfd.readouterr()))
    await until(lambda: keep_their_promises(two))


def everything_in(folder: Path) -> bytes:
    """All files, databases and the stream's store included."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def assert_no_bytes_of_documents(desks: Desks, folder: Path, said: str) -> None:
    """No byte of a document, nor the name of a file, is in any table, log, leaf, or file on disk, NATS' store included."""
    written = everything_in(folder)
    for mark in (MARK.decode(), "Foto Sri Wahyuni"):
        assert mark.encode() not in written
        assert mark not in said
        for served in desks.values():
            assert mark not in str(await served.rows())


async def keep_their_promises(desks: Desks) -> bool:
    """Everything is settled, both sides keep the same bytes, and replaying the trail gives what the tables have."""
    check_all([await read_host_tables(name, served.desk.database) for name, served in desks.items()])
    return True


async def test_a_purpose_that_the_holders_policy_does_not_cover_is_refused_and_both_trails_show_it(
    two: Desks,
) -> None:
    matter = await is_referred(two)
    await attached(two["bawaslu"], f"institutions/bawaslu/matters/{matter}", a_document())

    id = await asked(two, a_request(matter, purpose="MONITORING"))
    await become(two, id, "REFUSED", "REFUSED")

    for desk, name in ((two["kasn"], "kasn"), (two["bawaslu"], "bawaslu")):
        (refused, *_) = [e for e in await told(desk, name) if type(e).__name__ == "DisclosureRefused"]
        assert (refused.reason, refused.decided_by) == ("PURPOSE_NOT_COVERED", "POLICY")
    await until(lambda: keep_their_promises(two))


async def test_a_basis_that_does_not_cover_it_is_refused_at_once_and_nothing_is_sent(two: Desks) -> None:
    matter = await is_referred(two)
    before = await two["kasn"].rows()

    for basis, reason in (("pp-12-2017", "NO_LEGAL_BASIS"), ("pks-2023/enforcement", "AGREEMENT_CLOSED")):
        answer = await two["kasn"].call(
            SERVICE + "RequestDisclosure", a_request(matter, legal_basis=basis), disclosures.Caller("bkn")
        )
        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == (grpc.StatusCode.PERMISSION_DENIED, reason)
        assert answer.fields == ("legal_basis",)
        assert basis in answer.message
    assert await two["kasn"].rows() == before


async def test_an_officer_grants_a_case_file_narrowed_to_some_documents(two: Desks) -> None:
    matter = await is_referred(two)
    name = f"institutions/bawaslu/matters/{matter}"
    study = await attached(two["bawaslu"], name, a_document(seed=1), kind="STUDY", file_name="kajian.pdf")
    await attached(two["bawaslu"], name, a_document(seed=2), kind="MINUTES")
    id = await asked(two, a_request(matter, data="case_file"))
    await become(two, id, "REQUESTED", "REQUESTED")

    granting = pb.GrantDisclosureRequest(
        name=f"institutions/bawaslu/disclosures/{id}", documents=[study], request_id=new_id()
    )
    await acts.done(two["bawaslu"], SERVICE + "GrantDisclosure", granting)
    await become(two, id, "GRANTED", "GRANTED")
    await fetch(two, id)
    await become(two, id, "RECEIVED", "RECEIVED")

    listed = pb.ListDocumentsRequest(parent="institutions/bkn")
    answer = await two["kasn"].call(disclosures.READS + "ListDocuments", listed, disclosures.Caller("bkn"))
    assert not isinstance(answer, Refused)
    (here,) = pb.ListDocumentsResponse.FromString(answer).documents
    assert (here.digest, here.kind) == (study, "STUDY")
    assert here.disclosure == f"institutions/bkn/disclosures/{id}"


async def test_personnel_facts_travel_sealed_and_only_those_that_the_rule_gives(
    tmp_path: Path,
    nats_server: NatsServer,
    databases: Callable[[str], str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with linked(tmp_path, nats_server.url, databases, "bawaslu", "kasn", "ppk") as desks:
        matter = await is_referred(desks)
        name = f"institutions/bkn/matters/{matter}"
        accepting = kasn.AcceptReferralRequest(name=name, register_number="17/REG", request_id=new_id())
        await acts.done(desks["kasn"], KASN + "AcceptReferral", accepting)
        await acts.done(desks["kasn"], KASN + "Recommend", acts.a_recommendation(name))
        await until(lambda: has_matter(desks["ppk"], matter))
        request = a_request(
            matter,
            holder=acts.EMPLOYER,
            data="personnel_record",
            fields=["grade", "nik", "discipline_history"],
        )
        id = await asked(desks, request)
        theirs = f"institutions/{acts.EMPLOYER}/disclosures/{id}"

        async def waits() -> bool:
            return (await disclosures.disclosure(desks["ppk"], theirs)).state == "REQUESTED"

        async def is_asked() -> bool:
            try:
                return await waits()
            except grpc.aio.AioRpcError:
                return False

        await until(is_asked)
        facts = [
            PersonnelFact(field="grade", value="IV/b rahasia"),
            PersonnelFact(field="discipline_history", value="Teguran tertulis rahasia"),
        ]
        too_much = [*facts, PersonnelFact(field="nik", value="6202014107900001")]
        granting = pb.GrantDisclosureRequest(name=theirs, facts=too_much, request_id=new_id())
        caller = disclosures.Caller(acts.EMPLOYER)
        refused = await desks["ppk"].call(SERVICE + "GrantDisclosure", granting, caller)
        assert isinstance(refused, Refused) and refused.fields == ("facts[2].field",)
        assert "6202014107900001" not in refused.seen

        granting = pb.GrantDisclosureRequest(name=theirs, facts=facts, request_id=new_id())
        await acts.done(desks["ppk"], SERVICE + "GrantDisclosure", granting)
        ours = f"institutions/bkn/disclosures/{id}"

        async def received() -> bool:
            both = [
                await disclosures.disclosure(desks[desk], shown)
                for desk, shown in (("kasn", ours), ("ppk", theirs))
            ]
            return [each.state for each in both] == ["RECEIVED", "RECEIVED"]

        await until(received)
        reading = ReadFileRequest(name=name, purpose=1, request_id=new_id())
        answer = await desks["kasn"].call(KASN + "ReadFile", reading, disclosures.Caller("bkn"))
        assert not isinstance(answer, Refused)
        got = [fact for entry in ReadFileResponse.FromString(answer).entries for fact in entry.part.facts]
        assert got == facts
        await until(lambda: keep_their_promises(desks))
    said = "".join(capfd.readouterr())
    assert b"rahasia" not in everything_in(tmp_path) and "rahasia" not in said


async def granted(desks: Desks) -> tuple[str, str]:
    """One document is granted to the examiner; gives the matter's id and the disclosure's."""
    matter = await is_referred(desks)
    await attached(desks["bawaslu"], f"institutions/bawaslu/matters/{matter}", a_document())
    id = await asked(desks, a_request(matter))
    await become(desks, id, "GRANTED", "GRANTED")
    return matter, id


async def test_what_the_holder_no_longer_has_ends_the_fetching_and_says_why(two: Desks) -> None:
    matter, id = await granted(two)
    await two["bawaslu"].desk.vault.destroy(("bawaslu", matter))

    await fetch(two, id)

    async def stopped() -> bool:
        found = await disclosures.disclosure(two["kasn"], f"institutions/bkn/disclosures/{id}")
        return (found.state, found.reason) == ("GRANTED", "ERASED")

    await until(stopped)
    assert "FetchStopped" in kinds(await told(two["kasn"], "kasn"))
    # No byte went, so the holder's trail does not say that any did.
    assert "DocumentDisclosed" not in kinds(await told(two["bawaslu"], "bawaslu"))
    assert (await two["kasn"].rows())["document"] == []


async def test_a_holder_that_gives_other_bytes_than_it_granted_is_found_out(two: Desks) -> None:
    matter, id = await granted(two)
    holder = two["bawaslu"].desk
    content, other = a_document(), a_document(seed=2)
    name = DocumentRef("bawaslu", matter, sha256(content).hexdigest(), len(content))
    key = (await holder.vault.keys([("bawaslu", matter)], make=False))["bawaslu", matter]
    header = new_header()
    (holder.settings.state_folder / "documents" / name.path).write_bytes(
        header + Sealer(name, key, header).seal(0, other)
    )

    await fetch(two, id)

    async def stopped() -> bool:
        found = await disclosures.disclosure(two["kasn"], f"institutions/bkn/disclosures/{id}")
        return (found.state, found.reason) == ("GRANTED", "DIGEST_DIFFERS")

    await until(stopped)
    (kept,) = [each for each in await told(two["kasn"], "kasn") if type(each).__name__ == "FetchStopped"]
    assert kept.reason == "DIGEST_DIFFERS"
    assert (await two["kasn"].rows())["document"] == []


async def test_while_the_holder_cannot_be_reached_it_is_tried_again_and_shown(
    two: Desks, tmp_path: Path
) -> None:
    _, id = await granted(two)
    listen(tmp_path, {})
    await fetch(two, id)

    async def in_trouble() -> bool:
        found = await disclosures.disclosure(two["kasn"], f"institutions/bkn/disclosures/{id}")
        return (found.state, found.trouble) == ("FETCHING", "NO_ADDRESS")

    await until(in_trouble)
    listen(tmp_path, {"bawaslu": two["bawaslu"].running.address})
    await become(two, id, "RECEIVED", "RECEIVED")


async def test_when_the_agreement_ends_before_an_officer_decides_the_policy_refuses_what_waits(
    place: Place,
) -> None:
    async with World(place) as world:
        at(world, datetime(2024, 9, 3, 3, tzinfo=UTC))
        story = Story()
        for _, step in zip(range(3), story.steps(), strict=False):
            answer = await world.call(*step)
            story.matter = story.matter or answer.matter.rpartition("/")[2]
            await world.settle()
        request = a_request(story.matter, data="case_file", legal_basis="pks-2023/enforcement")
        request.name = f"institutions/kasn/matters/{story.matter}"
        await world.call("kasn", "RequestDisclosure", request)
        await world.settle()
        assert await automatic_decisions.decide_once(world.desks["bawaslu"]) == 0

        at(world, datetime(2024, 9, 4, 3, tzinfo=UTC))
        assert await automatic_decisions.decide_once(world.desks["bawaslu"]) == 1
        await world.settle()

        books = [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]
        found = [each for book in books for each in book.rows(DisclosureRow)]
        assert [(each.party, each.state, each.reason) for each in found] == [
            ("bawaslu", "REFUSED", "AGREEMENT_CLOSED"),
            ("kasn", "REFUSED", "AGREEMENT_CLOSED"),
        ]
        check_all(books)


def at(world: World, now: datetime) -> None:
    """The clocks of all desks go on from here."""
    ahead = now - datetime.now(UTC)
    for desk in world.desks.values():
        desk.now = lambda: datetime.now(UTC) + ahead
