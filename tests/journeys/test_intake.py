"""Intake at Bawaslu before a matter travels: first information, gaps, late reports; and what of it leaves the desk."""

import uuid
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log import reads
from bawaslu.intake.domain.state import Intake, apply, blank
from bawaslu.intake.tables import IntakeRow
from bawaslu.intake.wire import EVENTS
from cooperation.monitoring import recompute
from cooperation.monitoring.figures.published_tables import TABLES
from cooperation.monitoring.projection import projector
from cooperation.monitoring.published import reads as published
from exchange.personal_data import case_file
from exchange.statements.protobuf_time import instant
from host import front_door
from host.command_rows import CallContext
from netral.bawaslu.v1 import intake_events_pb2 as events
from netral.bawaslu.v1 import intake_pb2 as pb
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import person_pb2, record_pb2
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as monitoring
from refusals import Malformed, WrongState
from storage.types import table
from support.invariants import HostTables, check_all, read_host_tables
from support.steps import Alone, Place, World
from support.story import NAME, NIP, a_person, day

PARENT, REPORTER = "institutions/bawaslu", "Pelapor Yang Dirahasiakan"
OTHER_NAME, OTHER_NIP = "Tokoh Rekaan Kedua", "198505052010012003"
DIGEST = b"d" * 32


def new() -> str:
    return str(uuid.uuid4())


async def do(world: World, method: str, kind: Any, name: str = "", **fields: Any) -> Any:
    """A writing call at Bawaslu."""
    where = {"name": name} if name else {"parent": PARENT}
    return await world.call("bawaslu", method, kind(**where, request_id=new(), **fields))


async def a_report(world: World, number: str = "002/LP/PL/Kab/27.09/XI/2023", **fields: Any) -> str:
    """A report comes in; gives the intake's name."""
    values = {
        "number": number,
        "region": "62.02",
        "event_date": day("2023-11-10"),
        "known_date": day("2023-11-11"),
        "received_date": day("2023-11-13"),
        "reporter": REPORTER,
        "description": f"{NAME} berfoto dengan calon.",
    }
    act = await do(world, "ReceiveReport", pb.ReceiveReportRequest, **(values | fields))
    assert "/intakes/" in act.matter
    return act.matter


async def assess(world: World, name: str, category: str, **fields: Any) -> str:
    values = {"category": category, "assessed_date": day("2023-11-14"), "assessment_digest": DIGEST}
    return (await do(world, "AssessReport", pb.AssessReportRequest, name, **(values | fields))).state


async def register(world: World, name: str, number: str, *persons: person_pb2.Person) -> Any:
    reported = [pb.ReportedPerson(employer="ppk-6202", person=person) for person in persons or [a_person()]]
    return await do(
        world,
        "RegisterIntake",
        pb.RegisterIntakeRequest,
        name,
        registration_number=number,
        registered_date=day("2023-11-16"),
        persons=reported,
    )


async def row_of(world: World, name: str) -> Any:
    desk, rows = world.desks["bawaslu"], table(IntakeRow)
    async with desk.database.read() as connection:
        return (await connection.execute(select(rows).where(rows.c.id == name.rpartition("/")[2]))).one()


async def books_of(world: World) -> list[HostTables]:
    return [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]


async def check(world: World) -> None:
    """The invariants, for intakes too: the trail alone gives them again, and holds nothing personal."""
    await world.settle()
    books = await books_of(world)
    check_all(books)
    book = next(book for book in books if book.name == "bawaslu")
    async with world.desks["bawaslu"].database.read() as connection:
        rows = list(await connection.execute(select(table(IntakeRow))))
    names = [field.name for field in fields(Intake)]
    kept = {row.id: {name: listed(getattr(row, name)) for name in names} for row in rows}
    assert kept == {
        intake.id: {name: listed(getattr(intake, name)) for name in names} for intake in replayed(book)
    }
    secrets = [each.encode() for each in (REPORTER, NAME, NIP, OTHER_NAME, OTHER_NIP)]
    assert not [leaf.ref for book in books for leaf in book.leaves for each in secrets if each in leaf.body]


def replayed(book: HostTables) -> Iterator[Intake]:
    """The intakes, from the trail alone."""
    found: dict[str, Intake] = {}
    for leaf in sorted(book.leaves, key=lambda leaf: leaf.id):
        if leaf.kind != Kind.RECORD:
            continue
        record = record_pb2.Record.FromString(leaf.body[1:])
        event = EVENTS.from_any(record.facts)
        if event is not None:
            now = instant(record.time)
            before = found.get(record.matter) or blank("bawaslu", record.matter, record.case_id, now)
            found[record.matter] = replace(apply(before, event), updated=now)
    yield from found.values()


def listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


async def test_first_information_of_a_ppks_own_team_becomes_a_finding_and_is_referred(place: Place):
    async with World(place) as world:
        act = await do(
            world,
            "ReceiveInformation",
            pb.ReceiveInformationRequest,
            number="17/IA/2023",
            election=events.ELECTION_PEMILU,
            office="Kab/27.09",
            source="PPK_TEAM",
            authority="ppk-6202",
            region="62.02",
            received_date=day("2023-11-11"),
            description=f"Tim melihat {NAME}, {OTHER_NAME} di kampanye.",
        )
        name = act.matter
        await do(
            world,
            "StartTracing",
            pb.StartTracingRequest,
            name,
            letter_number="5/ST",
            letter_date=day("2023-11-12"),
        )
        act = await do(
            world,
            "EstablishFinding",
            pb.EstablishFindingRequest,
            name,
            number="006/TM/PL/Kab/27.09/XI/2023",
            event_date=day("2023-11-10"),
            known_date=day("2023-11-12"),
            found_date=day("2023-11-14"),
            description="Hadir di kampanye.",
        )
        assert act.state == "FOUND"
        second = person_pb2.Person(
            full_name=OTHER_NAME,
            employment=person_pb2.EMPLOYMENT_PNS,
            nip=OTHER_NIP,
            position="Guru",
            unit="SD Rekaan",
        )
        await register(world, name, "006/Reg/TM/PL/Kab/27.09/XI/2023", a_person(), second)
        found = await row_of(world, name)
        first, other = found.matters

        for whom, number, matter in (
            (events.INVITED_REPORTED, "7/UND", first),
            (events.INVITED_WITNESS, "8/UND", ""),
        ):
            await do(
                world,
                "InviteToClarification",
                pb.InviteToClarificationRequest,
                name,
                invitation_number=number,
                invitation_date=day("2023-11-17"),
                session_date=day("2023-11-18"),
                whom=whom,
                matter=matter,
            )
        for number, outcome, minutes in (
            ("7/UND", events.ATTENDANCE_HELD, DIGEST),
            ("8/UND", events.ATTENDANCE_ABSENT, b""),
        ):
            await do(
                world,
                "RecordClarification",
                pb.RecordClarificationRequest,
                name,
                invitation_number=number,
                outcome=outcome,
                held_date=day("2023-11-18"),
                minutes_digest=minutes,
            )
        conclusions = [
            pb.MatterConclusion(matter=first, suspected_acts=["2022-DSB7"]),
            pb.MatterConclusion(matter=other),
        ]
        act = await do(
            world,
            "ConcludeIntake",
            pb.ConcludeIntakeRequest,
            name,
            study_number="1/KAJIAN/2023",
            study_date=day("2023-11-20"),
            study_digest=DIGEST,
            routes=["OTHER_LAW"],
            conclusions=conclusions,
        )
        assert act.state == "CONCLUDED"
        await do(
            world,
            "ReferMatter",
            bawaslu.ReferMatterRequest,
            f"{PARENT}/matters/{first}",
            letter_number="1/PP.00.02/2023",
            letter_date=day("2023-11-21"),
            evidence_digests=[DIGEST],
        )
        await world.settle()
        await world.call(
            "kasn",
            "AcceptReferral",
            kasn.AcceptReferralRequest(
                name=f"institutions/kasn/matters/{first}", register_number="REG-1", request_id=new()
            ),
        )
        await world.settle()

        seen = {(row.id, book.name): row for book in await books_of(world) for row in book.matters}
        assert seen[first, "bawaslu"].state == "UNDER_EXAMINATION"
        assert seen[first, "kasn"].report_number == "006/Reg/TM/PL/Kab/27.09/XI/2023"
        assert seen[other, "bawaslu"].state == "NOT_A_VIOLATION"
        assert {row.case_id for row in seen.values()} == {found.case_id}
        outcomes = [each.outcome for each in (await row_of(world, name)).clarifications]
        assert outcomes == ["HELD", "ABSENT"]
        await check(world)


async def test_a_report_with_a_gap_is_completed_and_registered_and_its_reporter_stays(place: Place):
    async with World(place) as world:
        name = await a_report(world)
        notice = {"notice_number": "3/PB", "notice_date": day("2023-11-14")}
        assert (
            await assess(world, name, "COMPLETE", missing=["M-EVIDENCE"], **notice) == "COMPLETION_REQUESTED"
        )
        with pytest.raises(WrongState):
            await register(world, name, "002/Reg/LP/PL/Kab/27.09/XI/2023")
        await do(
            world,
            "CompleteReport",
            pb.CompleteReportRequest,
            name,
            completed=["M-EVIDENCE"],
            completed_date=day("2023-11-15"),
            evidence_digests=[DIGEST],
            remarks="Video dari pelapor.",
        )
        assert await assess(world, name, "REGISTER", assessed_date=day("2023-11-15")) == "READY"
        await register(world, name, "002/Reg/LP/PL/Kab/27.09/XI/2023")
        (matter,) = (await row_of(world, name)).matters
        for method, request in (
            (
                "ConcludeStudy",
                bawaslu.ConcludeStudyRequest(
                    name=f"{PARENT}/matters/{matter}",
                    study_number="1/KAJIAN/2023",
                    study_date=day("2023-11-20"),
                    conclusion=1,
                    suspected_acts=["2022-DSB7"],
                    study_digest=DIGEST,
                    request_id=new(),
                ),
            ),
            (
                "ReferMatter",
                bawaslu.ReferMatterRequest(
                    name=f"{PARENT}/matters/{matter}",
                    letter_number="1/PP.00.02/2023",
                    letter_date=day("2023-11-21"),
                    evidence_digests=[DIGEST],
                    request_id=new(),
                ),
            ),
        ):
            await world.call("bawaslu", method, request)
        await world.settle()

        kept = await world.call(
            "bawaslu",
            "ReadReporter",
            pb.ReadReporterRequest(name=name, request_id=new(), purpose=person_pb2.READ_PURPOSE_HANDLING),
        )
        assert [entry.part.text for entry in kept.entries] == [REPORTER]
        for desk in world.desks.values():
            async with desk.database.read() as connection:
                files = [(party, matter) for party in sorted(desk.parties)]
                for entries in (await case_file.opened(connection, desk.vault, files)).values():
                    assert entries
                    assert not [each for each in entries if REPORTER.encode() in each.part]
        await check(world)


async def test_a_late_report_is_not_registered_and_the_reason_is_kept(place: Place):
    async with World(place) as world:
        name = await a_report(world, known_date=day("2023-11-01"), event_date=day("2023-10-30"))
        assert await assess(world, name, "DO_NOT_REGISTER", missing=["F-TIME"]) == "NOT_FIT"
        decline = {"notice_number": "4/PS", "notice_date": day("2023-11-15")}
        with pytest.raises(Malformed):
            await do(
                world,
                "DeclineRegistration",
                pb.DeclineRegistrationRequest,
                name,
                reason="MATERIAL_NOT_MET",
                **decline,
            )

        act = await do(
            world, "DeclineRegistration", pb.DeclineRegistrationRequest, name, reason="LATE", **decline
        )

        assert act.state == "NOT_REGISTERED"
        assert (await row_of(world, name)).reason == "LATE"
        await check(world)


async def test_a_report_for_another_office_is_delegated_and_registered_there(place: Place):
    async with World(place) as world:
        name = await a_report(world)
        assert await assess(world, name, "DELEGATE") == "FOR_ANOTHER_OFFICE"
        await do(
            world,
            "DelegateIntake",
            pb.DelegateIntakeRequest,
            name,
            letter_number="9/PL",
            letter_date=day("2023-11-15"),
            office="Kab/14.11",
        )
        await assess(world, name, "REGISTER", assessed_date=day("2023-11-15"))

        with pytest.raises(Malformed) as refused:
            await register(world, name, "002/Reg/LP/PL/Kab/27.09/XI/2023")
        act = await register(world, name, "004/Reg/LP/PL/Kab/14.11/XI/2023")

        assert refused.value.field == "registration_number"
        assert act.state == "REGISTERED"
        assert (await row_of(world, name)).former_offices == ["Kab/27.09"]
        await check(world)


async def test_persons_are_checked_and_nothing_is_registered_if_one_is_wrong(place: Place):
    async with World(place) as world:
        name = await a_report(world)
        await assess(world, name, "REGISTER")
        wrong, same = a_person(nip="199001012015041000"), a_person(name=OTHER_NAME)

        for persons, field in (
            ((a_person(), wrong), "persons[1].person.nip"),
            ((a_person(), same), "persons[1].person"),
        ):
            with pytest.raises(Malformed) as refused:
                await register(world, name, "002/Reg/LP/PL/Kab/27.09/XI/2023", *persons)
            assert refused.value.field == field

        assert (await row_of(world, name)).state == "READY"
        assert not [row for book in await books_of(world) for row in book.matters]
        await check(world)


async def test_what_came_in_is_published_registered_or_not_and_counted_again_from_the_log(place: Place):
    async with World(place) as world:
        registered = await a_report(world)
        await assess(world, registered, "REGISTER")
        await register(
            world, registered, "002/Reg/LP/PL/Kab/27.09/XI/2023", a_person(), a_person(OTHER_NAME, OTHER_NIP)
        )
        late = await a_report(
            world,
            "003/LP/PL/Kab/27.09/XI/2023",
            known_date=day("2023-11-01"),
            event_date=day("2023-10-30"),
        )
        await assess(world, late, "DO_NOT_REGISTER", missing=["F-TIME"])
        declined = {"reason": "LATE", "notice_number": "4/PS", "notice_date": day("2023-11-15")}
        await do(world, "DeclineRegistration", pb.DeclineRegistrationRequest, late, **declined)
        await a_report(world, "004/LP/PL/Kab/27.09/XI/2023")
        await world.settle()
        while await projector.follow(world.desks["bawaslu"]):
            pass

        front_door.set_caller(front_door.Caller("bawaslu", "officer-1", "auditor"))
        desk = world.desks["bawaslu"]
        request = monitoring.GetTableRequest(
            parent=PARENT, table="intake", dimension=monitoring.DIMENSION_ORIGIN, today=day("2024-01-15")
        )
        found = await published.get_table(CallContext(desk, Alone(desk)), request)
        leaves = [item async for item in reads.export(desk.database, "bawaslu")]
        again = recompute.from_log("bawaslu", [one for one in leaves if isinstance(one, reads.PlacedLeaf)])
        await check(world)

    said = {column.id: cell.n for column, cell in zip(found.columns, found.rows[-1].cells, strict=True)}
    assert {column: n for column, n in said.items() if n} == {
        "reports-received": 3,
        "preliminary-study": 1,
        "registered": 1,
        "not-registered": 1,
        "not-registered-late": 1,
        "cases": 2,
    }
    counted = recompute.counted_table(again, TABLES["intake"], date(2024, 1, 15), ["ORIGIN"])
    assert [n for n, _ in counted.values()] == [cell.n for row in found.rows for cell in row.cells]
    assert [key.name_en for key in found.rows[0].keys] == ["Report"]
