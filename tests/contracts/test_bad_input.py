"""Bad input on every call of every desk: refused with the field named, no value repeated, nothing written."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from netral.exchange.v1 import person_pb2
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from support import acts, desks, requests
from support.desks import Caller, Refused, Served

# What no answer and no log line may repeat.
SECRET = "Sri Rahasia 199001012015031001"
REFUSALS = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND}
OVER_THE_LIMIT = b"\xfa\x3f" + b"\x80\x80\xc0\x02" + bytes(5 * 1024 * 1024)  # an unknown field of 5 MiB


@pytest.fixture(params=desks.BUILT)
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    """Each desk in turn, empty."""
    desks.write_trust(tmp_path)
    async with desks.serve(request.param, desks.settings(tmp_path, request.param)) as served:
        yield served


@pytest.fixture(params=desks.BUILT)
async def served_on_postgresql(
    request: pytest.FixtureRequest, tmp_path: Path, postgresql_url: str
) -> AsyncIterator[Served]:
    """Each desk in turn, empty, on PostgreSQL."""
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, request.param, database_url=postgresql_url)
    async with desks.serve(request.param, settings) as served:
        yield served


@pytest.fixture(autouse=True)
def _nothing_secret_is_logged(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err


async def methods_of(served: Served) -> dict[str, Any]:
    """Every method that the running desk says it has, but those of health and reflection."""

    def ask() -> list[str]:
        with grpc.insecure_channel(served.running.address) as channel:
            return list(ProtoReflectionDescriptorDatabase(channel).get_services())

    names = await asyncio.to_thread(ask)
    return requests.methods([name for name in names if name.startswith("netral.")])


def caller_for(served: Served, path: str) -> Caller:
    """Someone who may call this."""
    return Caller(served.parties[0], role=sorted(served.main.HOST.permissions[path])[0])


def is_write(method: Any) -> bool:
    return "request_id" in method.input_type.fields_by_name


async def refused_everywhere(
    served: Served, bad: Callable[[Any, str], Iterator[tuple[Message, str]]], codes: set[grpc.StatusCode]
) -> None:
    """Every call refuses each bad request that `bad` makes of it, and names the field it gives ("": any or none)."""
    before = await served.rows()
    wrong: list[tuple[str, str, object]] = []
    for path, method in (await methods_of(served)).items():
        caller = caller_for(served, path)
        for request, field in bad(method, caller.party):
            answer = await served.call(path, request, caller)
            if (
                not isinstance(answer, Refused)
                or answer.code not in codes
                or (field and field not in answer.fields)
            ):
                wrong.append((path, field, answer))
            elif SECRET in answer.seen:
                wrong.append((path, field, "repeats a value"))
    assert not wrong, "\n".join(map(str, wrong))
    assert await served.rows() == before


async def test_every_method_is_in_the_permission_table_and_no_other_is(served: Served) -> None:
    assert set(await methods_of(served)) == set(served.main.HOST.permissions)


async def test_an_empty_request_is_refused_and_every_required_field_is_named(served: Served) -> None:
    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        for field in requests.required(method.input_type):
            yield requests.empty(method), field

    await refused_everywhere(served, bad, {grpc.StatusCode.INVALID_ARGUMENT})


async def test_over_long_text_is_refused_in_every_field(served: Served) -> None:
    await refused_everywhere(served, every_text(SECRET * 1000), {grpc.StatusCode.INVALID_ARGUMENT})


async def test_control_characters_are_refused_in_every_field(served: Served) -> None:
    await refused_everywhere(served, every_text(f"\x1b{SECRET}\x00"), {grpc.StatusCode.INVALID_ARGUMENT})


async def test_a_zero_byte_does_not_reach_postgresql(served_on_postgresql: Served) -> None:
    await refused_everywhere(served_on_postgresql, every_text("a\x00"), {grpc.StatusCode.INVALID_ARGUMENT})


def every_text(text: str) -> Callable[[Any, str], Iterator[tuple[Message, str]]]:
    """Well-formed requests, each with this text in one field."""

    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        for field, _ in requests.texts(requests.well_formed(method, party)):
            request = requests.well_formed(method, party)
            dict(requests.texts(request))[field](text)
            yield request, field

    return bad


NO_DAYS = (
    Date(),
    Date(year=2025, month=2, day=30),
    Date(year=10000, month=1, day=1),
    Date(year=9999, month=12, day=31),
    Date(year=1, month=1, day=1),
)


async def test_a_day_that_is_not_in_the_calendar_or_in_no_year_of_letters_is_refused_in_every_date(
    served: Served,
) -> None:
    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        for field in method.input_type.fields:
            if field.message_type is not None and field.message_type.full_name == Date.DESCRIPTOR.full_name:
                for day in NO_DAYS:
                    request = requests.well_formed(method, party)
                    getattr(request, field.name).CopyFrom(day)
                    yield request, field.name

    await refused_everywhere(served, bad, {grpc.StatusCode.INVALID_ARGUMENT})


async def test_a_value_that_no_list_has_is_refused_in_every_closed_list(served: Served) -> None:
    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        for field in method.input_type.fields:
            if field.enum_type is not None and not field.is_repeated:
                request = requests.well_formed(method, party)
                setattr(request, field.name, 99)
                yield request, field.name

    await refused_everywhere(served, bad, {grpc.StatusCode.INVALID_ARGUMENT})


async def test_a_list_is_not_empty_for_a_state_that_there_is_not(served: Served) -> None:
    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        if method.name.startswith("List") and "state" in method.input_type.fields_by_name:
            request = requests.well_formed(method, party)
            request.state = "RECOMENDED"
            yield request, "state"

    await refused_everywhere(served, bad, {grpc.StatusCode.INVALID_ARGUMENT})


async def test_a_write_to_a_matter_that_nobody_has_is_refused(served: Served) -> None:
    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        # Handing over names no matter; it is refused for who asks.
        if is_write(method) and "successor" not in method.input_type.fields_by_name:
            yield requests.well_formed(method, party), ""

    await refused_everywhere(served, bad, REFUSALS)


async def test_another_partys_resources_are_out_of_reach(served: Served) -> None:
    def bad(method: Any, party: str) -> Iterator[tuple[Message, str]]:
        others = [other for other in served.parties if other != party]
        for other in (*others, "kemendagri"):
            if method.input_type.fields and method.input_type.fields[0].name in ("name", "parent"):
                yield requests.well_formed(method, other), ""

    await refused_everywhere(served, bad, {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND})


async def test_a_message_over_the_transport_limit_is_refused(served: Served) -> None:
    """The server has one limit for all: a method of each service and of each kind of call shows it."""
    before = await served.rows()
    shown = {
        (path.split("/")[1], method.client_streaming, method.server_streaming): (path, method)
        for path, method in (await methods_of(served)).items()
    }

    for path, method in shown.values():
        caller = caller_for(served, path)
        request = requests.well_formed(method, caller.party).SerializeToString() + OVER_THE_LIMIT
        answer = await served.call(path, request, caller)
        assert isinstance(answer, Refused), path
        assert answer.code == grpc.StatusCode.RESOURCE_EXHAUSTED, path

    assert await served.rows() == before


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"party": ""}, grpc.StatusCode.INVALID_ARGUMENT, "netral-party"),
        ({"officer": ""}, grpc.StatusCode.INVALID_ARGUMENT, "netral-officer"),
        ({"officer": "199001012015031001"}, grpc.StatusCode.INVALID_ARGUMENT, "netral-officer"),
        ({"officer": "x" * 61}, grpc.StatusCode.INVALID_ARGUMENT, "netral-officer"),
        ({"role": "king"}, grpc.StatusCode.INVALID_ARGUMENT, "netral-role"),
        ({"party": "kemendagri"}, grpc.StatusCode.PERMISSION_DENIED, ""),
    ],
    ids=["no party", "no officer", "a NIP", "too long", "no such role", "not served"],
)
async def test_a_caller_that_does_not_say_who_it_is_is_refused(
    served: Served, change: dict[str, str], code: grpc.StatusCode, field: str
) -> None:
    for path, method in (await methods_of(served)).items():
        known = caller_for(served, path)
        caller = Caller(**{"party": known.party, "role": known.role} | change)
        answer = await served.call(path, requests.well_formed(method, known.party), caller)

        assert isinstance(answer, Refused), path
        assert answer.code == code, path
        assert answer.fields == ((field,) if field else ()), path
        assert "199001012015031001" not in answer.seen


async def test_a_call_without_any_context_is_refused(served: Served) -> None:
    for path, method in (await methods_of(served)).items():
        answer = await served.call(path, requests.well_formed(method, served.parties[0]))

        assert isinstance(answer, Refused), path
        assert (answer.code, answer.fields) == (grpc.StatusCode.INVALID_ARGUMENT, ("netral-party",)), path


async def test_a_role_that_may_not_call_a_method_is_refused(served: Served) -> None:
    for path, method in (await methods_of(served)).items():
        for role in {"officer", "operator", "auditor"} - served.main.HOST.permissions[path]:
            caller = Caller(served.parties[0], role)
            answer = await served.call(path, requests.well_formed(method, caller.party), caller)

            assert isinstance(answer, Refused), path
            assert answer.reason == "ROLE_NOT_PERMITTED", path


# --- what a contract cannot say ------------------------------------------------------------------------------------

BAWASLU, KASN, PPK = (
    "/netral.bawaslu.v1.BawasluService/",
    "/netral.kasn.v1.KasnService/",
    "/netral.ppk.v1.PpkService/",
)
OVERSIGHT = "/netral.oversight.v1.OversightService/"
WRONG_NIP = "199001012015031000"  # the sequence 000 is nobody's
NIK = "6202014107900001"
INVALID, WRONG_STATE = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
Bad = tuple[str, Callable[[Served], Any], Callable[[str], Message], grpc.StatusCode, str]


async def nothing(served: Served) -> str:
    return ""


def registering(field: str, **bad: Any) -> Bad:
    return BAWASLU + "RegisterMatter", nothing, lambda _: acts.a_registration(**bad), INVALID, field


def studying(field: str, **bad: Any) -> Bad:
    path = BAWASLU + "ConcludeStudy"
    return path, acts.is_registered, lambda name: acts.a_study(name, **bad), INVALID, field


def referring(field: str, **bad: Any) -> Bad:
    return BAWASLU + "ReferMatter", acts.is_studied, lambda name: acts.a_referral(name, **bad), INVALID, field


def recommending(field: str, **bad: Any) -> Bad:
    path = KASN + "Recommend"
    return path, acts.is_examined, lambda name: acts.a_recommendation(name, **bad), INVALID, field


def sanctioning(field: str, **bad: Any) -> Bad:
    path = PPK + "ImposeSanction"
    return path, acts.is_heard, lambda name: acts.a_sanction(name, **bad), INVALID, field


def reporting(field: str, **bad: Any) -> Bad:
    return PPK + "ReportFollowUp", acts.is_decided, lambda name: acts.a_report(name, **bad), INVALID, field


def blocking(field: str, code: grpc.StatusCode = INVALID, **bad: Any) -> Bad:
    return OVERSIGHT + "BlockData", acts.is_watched, lambda name: acts.a_block(name, **bad), code, field


def unblocking(field: str, code: grpc.StatusCode = INVALID, **bad: Any) -> Bad:
    return (
        OVERSIGHT + "UnblockData",
        acts.is_blocked,
        lambda name: acts.an_unblocking(name, **bad),
        code,
        field,
    )


def warning(field: str, code: grpc.StatusCode = INVALID, **bad: Any) -> Bad:
    return OVERSIGHT + "WarnAuthority", acts.is_watched, lambda name: acts.a_warning(name, **bad), code, field


def acknowledging(number: str) -> Callable[[str], Message]:
    return lambda name: ppk.AcknowledgeRecommendationRequest(
        name=name, register_number=number, request_id=acts.new_id()
    )


CASES: dict[str, Bad] = {
    "a NIP that is nobody's": registering("person.nip", person=acts.a_person(nip=WRONG_NIP)),
    "a NIP with a blank": registering("person.nip", person=acts.a_person(nip="19900101201503100 ")),
    "contract staff with a NIP": registering(
        "person.nip", person=acts.a_person(employment=person_pb2.EMPLOYMENT_PPNPN, nik=NIK)
    ),
    "contract staff without a NIK": registering(
        "person.nik", person=acts.a_person(employment=person_pb2.EMPLOYMENT_PPNPN, nip="")
    ),
    "an unknown region": registering("region", region="62.99"),
    "an employer that is no authority": registering("employer", employer="ppk-9999"),
    "a report number that is a NIK": registering("number", number=NIK),
    "a report that became known in the future": registering("known_date", known_date=acts.day(-2)),
    "a report known before the event": registering("event_date", known_date=acts.day(21)),
    "an act that is not in the catalogue": studying(
        "suspected_acts[1]", suspected_acts=[acts.ACT, "2022-XXX9"]
    ),
    "a study in the future": studying("study_date", study_date=acts.day(-2)),
    "a referral in the future": referring("letter_date", letter_date=acts.day(-2)),
    "a referral before there is a study": (
        BAWASLU + "ReferMatter",
        acts.is_registered,
        acts.a_referral,
        WRONG_STATE,
        "",
    ),
    "a recommendation in the future": recommending("letter_date", letter_date=acts.day(-2)),
    "a recommendation on an unknown act": recommending("act", act="2022-XXX9"),
    "a recommendation to no authority": recommending("addressee", addressee="ppk-9999"),
    "a recommendation before the referral is accepted": (
        KASN + "Recommend",
        acts.is_referred,
        acts.a_recommendation,
        WRONG_STATE,
        "",
    ),
    "a sanction that is not in the list": sanctioning("sanction", sanction="PP94-99"),
    "a decree in the future": sanctioning("decree_date", decree_date=acts.day(-2)),
    "a decree before the recommendation": sanctioning("decree_date", decree_date=acts.day(6)),
    "a decree whose number is a NIP": sanctioning("decree_number", decree_number=acts.NIP),
    "a register number that is a NIK": (
        PPK + "AcknowledgeRecommendation",
        acts.is_opened,
        acknowledging(NIK),
        INVALID,
        "register_number",
    ),
    "an acknowledgement before it is opened": (
        PPK + "AcknowledgeRecommendation",
        acts.is_recommended,
        acknowledging("17/2025"),
        WRONG_STATE,
        "",
    ),
    "a report of a sanction without its decree": reporting("decree_digest", decree_digest=b""),
    "a report in the future": reporting("letter_date", letter_date=acts.day(-2)),
    "a lawful reason that is not given": reporting(
        "reason", kind=ppk_events.FOLLOW_UP_KIND_CANNOT_BE_FOLLOWED_UP, decree_digest=b""
    ),
    "a block by no office": blocking("office", office="KANREG-XX"),
    "a block for no listed reason": blocking("reason", reason="ANGER"),
    "a block in the future": blocking("act_date", act_date=acts.day(-2)),
    "a block before the recommendation": blocking("act_date", act_date=acts.day(21)),
    "a block whose number is a NIP": blocking("act_number", act_number=acts.NIP),
    "a block after a warning that nobody gave": blocking("reason", WRONG_STATE, reason="WARNING_UNHEEDED"),
    "an unblocking before the block": unblocking("act_date", act_date=acts.day(2)),
    "an unblocking without the follow-up": unblocking("reason", WRONG_STATE, reason="FOLLOWED_UP"),
    "a warning in the future": warning("letter_date", letter_date=acts.day(-2)),
    "a warning on the due date": warning("letter_date", letter_date=acts.day(6)),
    "a warning whose number is a NIK": warning("letter_number", letter_number=NIK),
    "a warning of a matter that nobody watches": warning(
        "further_matters[0]",
        grpc.StatusCode.NOT_FOUND,
        further_matters=[f"institutions/{desks.OVERSEER}/matters/{acts.new_id()}"],
    ),
    "a warning of another party's matter": warning(
        "further_matters[0]",
        grpc.StatusCode.PERMISSION_DENIED,
        further_matters=[f"institutions/{acts.EMPLOYER}/matters/{acts.new_id()}"],
    ),
}
DESK_OF = {name: name for name in desks.BUILT} | {"oversight": "ppk"}
BUILT_CASES = [case for case in CASES if CASES[case][0].split(".")[1] in DESK_OF]


@pytest.mark.parametrize("case", BUILT_CASES)
async def test_what_is_wrong_in_itself_is_refused(case: str, tmp_path: Path) -> None:
    path, before, make, code, field = CASES[case]
    name = DESK_OF[path.split(".")[1]]
    desks.write_trust(tmp_path)
    async with desks.serve(name, desks.settings(tmp_path, name)) as served:
        request = make(await before(served))
        rows = await served.rows()

        named = getattr(request, "name", "") or request.parent
        answer = await served.call(path, request, Caller(named.split("/")[1]))

        assert isinstance(answer, Refused)
        assert (answer.code, answer.fields) == (code, (field,) if field else ())
        for value in (WRONG_NIP, NIK, acts.NIP, acts.a_person().full_name):
            assert value not in answer.seen
        assert await served.rows() == rows
