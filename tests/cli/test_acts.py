"""A command for an act is made of its contract: the fields of the request are its options."""

from datetime import UTC, datetime
from typing import Any

import pytest
from google.type import date_pb2

from cli import acts
from cli.examiner import escalation, examination, matters
from cli.groups import commands_of
from cli.ppk import discipline, recommendations
from netral.kasn.v1 import service_pb2 as kasn_pb2
from netral.ppk.v1 import discipline_events_pb2, discipline_service_pb2, service_pb2

KASN = kasn_pb2.DESCRIPTOR.services_by_name["KasnService"]
SERVICES = {
    discipline: ("ppk", discipline_service_pb2.DESCRIPTOR.services_by_name["DisciplineService"]),
    recommendations: ("ppk", service_pb2.DESCRIPTOR.services_by_name["PpkService"]),
    matters: ("examiner", KASN),
    examination: ("examiner", KASN),
    escalation: ("examiner", KASN),
}
MADE = {
    f"{group} {name}": service.methods_by_name[act.method].input_type
    for module, (group, service) in SERVICES.items()
    for name, act in module._ACTS.items()
    if isinstance(act, acts.Act)
}


def options(name: str) -> dict[str, Any]:
    """The options of a command, by the field or shared word that they give."""
    group, command = name.split()
    return {each.name: each for each in commands_of(group)[command].params}


@pytest.mark.parametrize("name", MADE)
def test_every_field_of_a_request_is_an_option_of_its_command(name: str) -> None:
    given = {field.name for field in MADE[name].fields} - {"name", "request_id"}

    assert given <= set(options(name))


def test_the_first_date_and_the_first_number_have_short_names_and_others_their_own() -> None:
    summons = options("ppk summon")

    assert summons["letter_number"].opts == ["--number"]
    assert summons["letter_date"].opts == ["--date"]
    assert summons["examination_date"].opts == ["--examination-date"]
    assert summons["examination_date"].help == "When the person is to be examined; after the summons."


def test_a_digest_is_asked_for_as_a_file_and_prose_as_a_text_that_stays_out_of_the_history() -> None:
    examination = options("ppk examine")

    assert examination["minutes_digest"].opts == ["--minutes"]
    assert "only the SHA-256 is kept" in examination["minutes_digest"].help
    assert "standard input" in examination["remarks"].help and not examination["remarks"].required


def test_a_field_is_filled_with_a_day_a_digest_a_word_of_its_list_or_a_text() -> None:
    request = discipline_service_pb2.RecordExaminationRequest()
    given = {
        "examination_date": datetime(2023, 12, 8, tzinfo=UTC),
        "minutes_digest": "sha256:" + "ab" * 32,
        "signature": "refused",
        "mode": "in-person",
        "remarks": "",
    }

    for name, value in given.items():
        acts.fill(request, name, value)

    assert request == discipline_service_pb2.RecordExaminationRequest(
        examination_date=date_pb2.Date(year=2023, month=12, day=8),
        minutes_digest=bytes.fromhex("ab" * 32),
        signature=discipline_events_pb2.MINUTES_SIGNATURE_REFUSED,
        mode=discipline_events_pb2.EXAMINATION_MODE_IN_PERSON,
    )
