"""Sentences of findings: one of each kind, in both languages, and the findings that a desk's condition leads to."""

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import service_pb2
from operations.doctor import findings, of_desks, of_files
from storage import faults

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def a_condition(**more: object) -> service_pb2.HostCondition:
    """The condition of a host that is well."""
    return service_pb2.HostCondition(
        host="kasn", time=timestamp(NOW), counted=True, disk_free_bytes=1 << 40, **more
    )


def said(found: service_pb2.HostCondition, language: str = "en") -> list[str]:
    return [each.sentence(language) for each in of_desks.of_condition(found, "logs/kasn.log", NOW)]


@pytest.mark.parametrize("code", findings.sentences())
def test_each_sentence_says_the_same_in_both_languages_and_ends_once(code: str) -> None:
    both = findings.sentences()[code]

    english, indonesian = (
        {name for _, name, _, _ in Formatter().parse(both[each]) if name} for each in ("en", "id")
    )
    assert set(both) == {"en", "id"} and english == indonesian
    assert all(text.endswith(".") and ". " not in text and "\n" not in text for text in both.values())


def test_a_host_that_is_well_has_nothing_to_say() -> None:
    assert said(a_condition()) == []


def test_one_cause_that_stops_several_parts_is_said_once() -> None:
    parts = [service_pb2.HostPart(name=name, reason="STREAM_GONE") for name in ("bus", "inbox", "relay")]

    (only,) = said(a_condition(parts=parts))

    assert "provision again as NATS's administrator" in only


@pytest.mark.parametrize(
    "reason",
    [
        "NATS_REFUSES_USER",
        "CONSUMER_GONE",
        "STREAM_REFUSES",
        *(f"DATABASE_{fault}" for fault in sorted(faults.LASTING)),
        "FAILS",
        "STUCK",
        "RECOVERING",
    ],
)
def test_every_reason_of_the_contract_has_its_sentence(reason: str) -> None:
    assert len(said(a_condition(parts=[service_pb2.HostPart(name="relay", reason=reason)]))) == 1


def test_statements_without_a_receipt_are_said_by_pair() -> None:
    pair = service_pb2.UnsettledPair(
        party="kasn", recipient="ppk-6202", statements=3, oldest_time=timestamp(NOW - timedelta(hours=2))
    )

    assert said(a_condition(unsettled=[pair])) == [
        "3 statements of kasn to ppk-6202 have no receipt since 2026-11-30 01:00 UTC: "
        "see whether the desk of ppk-6202 runs (`netral exchange outbox --as kasn`)."
    ]


def test_clocks_that_differ_by_more_than_a_minute_are_said_and_others_are_not() -> None:
    clocks = [
        service_pb2.PeerClock(peer="bawaslu", ahead_seconds=180),
        service_pb2.PeerClock(peer="ppk-6202", ahead_seconds=-90),
        service_pb2.PeerClock(peer="ppk-3204", ahead_seconds=20),
    ]

    ahead, behind = said(a_condition(peer_clocks=clocks), "id")

    assert ahead.startswith("Jam bawaslu lebih cepat 180 detik")
    assert behind.startswith("Jam ppk-6202 lebih lambat 90 detik")
    assert "ditolak" in ahead


def test_a_desk_whose_own_clock_is_off_is_said() -> None:
    found = a_condition()
    found.time.CopyFrom(timestamp(NOW + timedelta(minutes=10)))

    assert said(found)[0].startswith("The clock of kasn is +600 s apart from the one here")


def test_a_disk_with_little_room_is_said_with_what_is_left() -> None:
    (low,) = of_files.of_disk("kasn", 200 * 1024**2)

    assert low.sentence("en").startswith("Only 200 MB are free on the disk of kasn: make room")
    assert not list(of_files.of_disk("kasn", of_files.LEAST_FREE))
