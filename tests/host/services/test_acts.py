"""`Check` and `ListActs`: possible acts are answered without doing them, by the rule that the call itself runs."""

from pathlib import Path

import grpc
import pytest
from sqlalchemy import select

from audit.formats.leaf import Kind, leaf_body
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.reconciliation import matter_timeline
from netral.audit.v1 import service_pb2 as audit_pb2
from netral.exchange.v1 import acts_pb2, person_pb2
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import service_pb2 as ppk
from storage.types import table
from support import acts, desks
from support.desks import Caller, Refused, Served
from support.possible_acts import CHECK, LIST, asking, checked, listed

VERIFY, READ_FILE = "/netral.kasn.v1.KasnService/VerifyFollowUp", "/netral.kasn.v1.KasnService/ReadFile"
WARNING = "OTHER_CLASS_THAN_RECOMMENDED"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ppk", "/netral.ppk.v1.PpkService/RejectRecommendation"),
        ("ppk", "/netral.ppk.v1.DisciplineService/FormTeam"),
        ("kasn", "/netral.kasn.v1.KasnService/RecommendLetter"),
        ("bawaslu", "/netral.bawaslu.v1.BawasluService/ReferMatter"),
    ],
)
async def test_an_act_is_said_to_be_possible_until_it_is_done_and_nothing_is_written(
    name: str, path: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve(name, desks.settings(tmp_path, name)) as served:
        request = await acts.WRITES[path](served)
        caller = Caller(served.parties[0])
        before = await served.rows()

        assert (await checked(served, request, caller)).possible
        assert await served.rows() == before
        assert not isinstance(await served.call(path, request, caller), Refused)

        assert not (await checked(served, request, caller)).possible


async def test_acts_of_a_matter_follow_its_state(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        path = "/netral.ppk.v1.PpkService/OpenRecommendation"
        request = await acts.WRITES[path](served)
        assert isinstance(request, ppk.OpenRecommendationRequest)
        caller = Caller(request.name.split("/")[1])

        assert await listed(served, request.name, caller) == {"ppk.open"}
        assert not isinstance(await served.call(path, request, caller), Refused)
        assert await listed(served, request.name, caller) == {
            "ppk.acknowledge",
            "ppk.check_employee",
            "ppk.object",
            "ppk.reject",
        }


@pytest.mark.parametrize("name", ["bawaslu", "kasn", "ppk"])
@pytest.mark.parametrize("collection", ["matters", "intakes", "campaigns", "indications", "plans"])
async def test_the_acts_of_what_the_party_does_not_have_are_not_an_empty_list(
    name: str, collection: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve(name, desks.settings(tmp_path, name)) as served:
        party = served.parties[0]
        asked = acts_pb2.ListActsRequest(name=f"institutions/{party}/{collection}/{acts.new_id()}")

        answer = await served.call(LIST, asked, Caller(party))

        assert isinstance(answer, Refused)
        assert (answer.code, answer.fields) == (grpc.StatusCode.NOT_FOUND, ("name",))


async def test_a_request_of_no_writing_call_and_one_that_breaks_its_contract_are_refused(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        caller = Caller(served.parties[0])
        for request in (ppk.GetMatterRequest(), ppk.OpenRecommendationRequest()):
            answer = await served.call(CHECK, asking(request), caller)

            assert isinstance(answer, Refused)
            assert answer.code == grpc.StatusCode.INVALID_ARGUMENT


# --- warnings, which a stated reason must answer -----------------------------------------------------------------------


async def a_lighter_sanction(served: Served) -> kasn.VerifyFollowUpRequest:
    """A follow-up that is to conform, though a lighter sanction was imposed than was recommended."""
    name = await acts.is_followed_up(served, sanction="PP94-8-2-A", sanction_class="DISCIPLINE_LIGHT")
    return conforming(name)


def conforming(name: str, stated_reason: str = "") -> kasn.VerifyFollowUpRequest:
    return kasn.VerifyFollowUpRequest(
        name=name,
        status=kasn_events.VERIFICATION_STATUS_CONFORMS,
        verified_date=acts.day(),
        stated_reason=stated_reason,
        request_id=acts.new_id(),
    )


async def test_check_shows_a_warning_and_the_call_without_a_reason_is_refused_and_writes_nothing(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        request = await a_lighter_sanction(served)
        caller = Caller(served.parties[0])
        before = await served.rows()

        tried = await checked(served, request, caller)
        refused = await served.call(VERIFY, request, caller)

        assert (tried.possible, tried.reason, tried.field) == (False, "REASON_NEEDED", "stated_reason")
        assert [each.reason for each in tried.warnings] == [WARNING]
        assert isinstance(refused, Refused)
        assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "REASON_NEEDED")
        assert refused.message == f"state a reason: {tried.warnings[0].message}"
        assert await served.rows() == before


async def test_with_a_stated_reason_the_act_is_done_and_the_reason_is_kept_in_the_file(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        request = await a_lighter_sanction(served)
        name, caller = request.name, Caller(served.parties[0])
        assert isinstance(await served.call(VERIFY, request, caller), Refused)
        request.stated_reason = (
            "The person retires next month."  # the same request id: what is refused uses none up
        )

        tried = await checked(served, request, caller)
        done = await served.call(VERIFY, request, caller)

        assert (tried.possible, [each.reason for each in tried.warnings]) == (True, [WARNING])
        assert not isinstance(done, Refused), done
        act = Act.FromString(done)
        assert act.state == "COMPLETED"
        record = await recorded(served, act.record)
        assert (list(record.warnings), len(record.commitment)) == ([WARNING], 32)
        assert b"retires" not in record.SerializeToString()
        kept = [
            entry.part.stated_reason for entry in await file_of(served, name) if entry.source_id == act.record
        ]
        assert kept == ["The person retires next month."]


async def test_a_stated_reason_that_answers_no_warning_is_refused_and_not_lost(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        request = conforming(await acts.is_followed_up(served), "All is well.")

        refused = await served.call(VERIFY, request, Caller(served.parties[0]))

        assert isinstance(refused, Refused)
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NO_REASON_NEEDED")


async def test_of_an_erased_person_the_warning_stands_in_the_record_and_no_reason_is_asked_or_taken(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        name = (await a_lighter_sanction(served)).name
        caller = Caller(served.parties[0])
        await served.desk.vault.destroy((served.parties[0], name.rpartition("/")[2]))

        refused = await served.call(VERIFY, conforming(name, "The person retires next month."), caller)
        done = await served.call(VERIFY, conforming(name), caller)

        assert isinstance(refused, Refused) and refused.reason == "ERASED"
        assert not isinstance(done, Refused), done
        record = await recorded(served, Act.FromString(done).record)
        assert (list(record.warnings), record.commitment) == ([WARNING], b"")


async def test_a_warning_is_written_in_the_language_of_the_caller(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        request = await a_lighter_sanction(served)
        caller = Caller(served.parties[0], language="id")

        tried = await checked(served, request, caller)
        refused = await served.call(VERIFY, request, caller)

        assert tried.warnings[0].message.startswith("sanksinya hukuman disiplin ringan")
        assert isinstance(refused, Refused)
        assert refused.message == tried.message == f"nyatakan alasannya: {tried.warnings[0].message}"


def test_the_timeline_shows_that_a_rule_warned_of_an_act() -> None:
    record = Record(id="r", party="kasn", action="kasn.verify", state="COMPLETED", warnings=[WARNING])
    leaf = audit_pb2.Leaf(body=leaf_body(Kind.RECORD, record.SerializeToString()))

    (act,) = matter_timeline.tell({"kasn": [leaf]})

    assert act.note["id"].startswith(
        "Peringatan aturan, dijawab dengan alasan tertulis: jenis sanksi berbeda"
    )
    assert act.note["en"].endswith("another class of sanction than was recommended")
    assert act.words == {"id": "memverifikasi tindak lanjut", "en": "verifies the follow-up"}


async def recorded(served: Served, id: str) -> Record:
    leaves = table(Leaf)
    async with served.desk.database.read() as connection:
        body = await connection.scalar(select(leaves.c.body).where(leaves.c.ref == id))
    return decode_leaf(body).record()


async def file_of(served: Served, name: str) -> list[person_pb2.FileEntry]:
    request = person_pb2.ReadFileRequest(
        name=name, request_id=acts.new_id(), purpose=person_pb2.READ_PURPOSE_HANDLING
    )
    answer = await served.call(READ_FILE, request, Caller(served.parties[0]))
    assert not isinstance(answer, Refused), answer
    return list(person_pb2.ReadFileResponse.FromString(answer).entries)
