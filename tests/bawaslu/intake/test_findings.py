"""Form A of a supervision act, the plenary, and the finding that is set of them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from bawaslu.intake.domain import clocks, commands, findings
from bawaslu.intake.domain.events import Event, FindingRecorded
from bawaslu.intake.domain.state import Intake, State, apply, blank
from netral.bawaslu.v1 import intake_pb2 as pb
from refusals import Malformed
from support import acts, desks, intakes
from support.desks import Caller, Refused, Served

WRITE, READ = intakes.WRITE, "/netral.bawaslu.v1.IntakeReadService/"
SEEN, DECIDED, TODAY = date(2024, 3, 6), date(2024, 3, 8), date(2024, 3, 20)
DIGEST, FORM_A = "ab" * 32, "012/LHP/PM.01.02/III/2024"
PEMILU, PILKADA = "006/TM/PL/Kab/27.09/III/2024", "006/TM/PB/Kab/27.09/III/2024"


def a_supervision(**fields: Any) -> commands.RecordSupervision:
    supervision = commands.RecordSupervision(
        FORM_A, "PEMILU", "Kab/27.09", "62.02", SEEN, ("ASN_NEUTRALITY", "CAMPAIGN"), DIGEST
    )
    return replace(supervision, **fields)


def supervised(**fields: Any) -> Intake:
    first = blank("bawaslu", "i-1", "case", datetime(2024, 3, 6, tzinfo=UTC))
    return apply(first, findings.record_supervision(first, a_supervision(**fields), TODAY))


def found(intake: Intake, number: str = PEMILU) -> Event:
    return findings.establish_finding(intake, commands.EstablishFinding(number, SEEN, SEEN, DECIDED), TODAY)


def decided(intake: Intake, *decisions: str) -> Intake:
    plenary = commands.RecordIntakePlenary("21/BA/III/2024", DECIDED, DIGEST, decisions)
    return apply(intake, findings.record_plenary(intake, plenary, TODAY))


def test_a_finding_names_the_form_of_the_supervision_act_that_it_is_set_of() -> None:
    event = found(supervised())
    after = apply(supervised(), event)

    assert isinstance(event, FindingRecorded)
    assert (event.form_number, event.region, event.office) == (FORM_A, "62.02", "Kab/27.09")
    assert (after.state, after.form_number, after.form_digest) == (State.FOUND, FORM_A, DIGEST)


def test_a_finding_is_to_be_set_seven_days_after_the_supervision_act() -> None:
    running = clocks.running(supervised(), TODAY)

    assert running is not None
    assert (running.rule.id, running.start.day, running.due) == ("finding", SEEN, date(2024, 3, 13))


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"supervised_date": date(2024, 3, 21)}, "supervised_date"),
        ({"subjects": ("CAMPAIGN", "WEATHER")}, "subjects[1]"),
        ({"region": "99.99"}, "region"),
        ({"office": "27.09"}, "office"),
        ({"number": "199001012015031001"}, "number"),
    ],
)
def test_what_a_form_can_never_say_is_refused_and_its_field_named(fields: dict[str, Any], at: str) -> None:
    with pytest.raises(Malformed) as refused:
        supervised(**fields)

    assert refused.value.field == at


def test_a_plenary_is_not_before_the_supervision_act() -> None:
    with pytest.raises(Malformed) as refused:
        findings.record_plenary(
            supervised(),
            commands.RecordIntakePlenary("21/BA", date(2024, 3, 5), DIGEST, ("FINDING",)),
            TODAY,
        )

    assert refused.value.field == "plenary_date"


def test_in_a_general_election_a_finding_of_supervision_without_a_plenary_is_warned_of() -> None:
    undecided, otherwise = supervised(), decided(supervised(), "NO_FINDING")

    assert [each.reason for each in findings.without_plenary(undecided, found(undecided))] == ["NO_PLENARY"]
    assert [each.reason for each in findings.without_plenary(otherwise, found(otherwise))] == ["NO_PLENARY"]


def test_a_decided_finding_and_one_of_a_local_election_are_not_warned_of() -> None:
    plenary, local = decided(supervised(), "FINDING"), supervised(election="PILKADA")

    assert findings.without_plenary(plenary, found(plenary)) == ()
    assert findings.without_plenary(local, found(local, PILKADA)) == ()


# --- at the desk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        yield served


async def shown(served: Served, name: str) -> pb.Intake:
    answer = await served.call(READ + "GetIntake", pb.GetIntakeRequest(name=name), Caller("bawaslu"))
    assert isinstance(answer, bytes)
    return pb.Intake.FromString(answer)


async def test_supervision_plenary_and_finding_stay_at_the_desk_and_are_shown(served: Served) -> None:
    name = await intakes.is_supervised(served)
    await acts.done(served, WRITE + "RecordIntakePlenary", intakes.a_plenary(name))
    act = await acts.done(served, WRITE + "EstablishFinding", intakes.an_established(name))
    intake = await shown(served, name)

    assert await acts.sent(served, act) == []
    assert (intake.state, intake.form_number, intake.plenary_number) == (
        "FOUND",
        intakes.FORM_A,
        "21/BA/IV/2024",
    )
    assert list(intake.subjects) == ["ASN_NEUTRALITY", "CAMPAIGN"]


async def test_a_finding_that_names_no_form_needs_a_reason_and_one_that_does_needs_none(
    served: Served,
) -> None:
    await intakes.is_supervised(served)
    without = await served.call(
        WRITE + "RecordFinding", intakes.a_finding(stated_reason=""), Caller("bawaslu")
    )
    unknown = await served.call(
        WRITE + "RecordFinding", intakes.a_finding(form_number="1/LHP"), Caller("bawaslu")
    )
    act = await acts.done(
        served, WRITE + "RecordFinding", intakes.a_finding(stated_reason="", form_number=intakes.FORM_A)
    )

    assert isinstance(without, Refused) and isinstance(unknown, Refused)
    assert (without.code, without.fields) == (grpc.StatusCode.FAILED_PRECONDITION, ("stated_reason",))
    assert (unknown.code, unknown.fields) == (grpc.StatusCode.NOT_FOUND, ("form_number",))
    assert (await shown(served, act.matter)).form_number == intakes.FORM_A
