"""Lateness at an authority's desk: what it is told, and how it refutes."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from netral.kasn.v1 import events_pb2 as kasn_events
from netral.ppk.v1 import service_pb2 as pb
from ppk.lateness import domain
from ppk.lateness.domain import Notice
from refusals import Malformed, NotAllowed, NotFound, Refusal, WrongState
from support import acts, desks
from support.desks import Caller, Refused, Served

NOW, DAY = datetime(2025, 4, 1, tzinfo=UTC), date(2025, 4, 1)
KNOWN = ("kasn", "R-1/KASN/3/2025")
REPRIMAND = domain.Reprimanded("812/BKN/4/2025", DAY, KNOWN[1], DAY)
CLAIM = domain.SilenceClaimed("NOT_OPENED", KNOWN[1], DAY, DAY)
WRITE, READ = "/netral.ppk.v1.PpkService/", "/netral.ppk.v1.PpkReadService/"


def a_notice(**fields: Any) -> Notice:
    return Notice("ppk-6202", "m-1", "c-1", NOW, **fields)


def test_a_claim_a_reminder_and_the_refutation_all_stand() -> None:
    reminded = domain.hear(a_notice(), domain.Reminded(KNOWN[1], DAY, DAY), "kasn", "s-1", KNOWN)
    claimed = domain.hear(reminded, CLAIM, "kasn", "s-2", KNOWN)

    event = domain.refute(claimed, domain.RefuteSilence("ab" * 32), {"ab" * 32: "s-0"})
    after = domain.apply(claimed, event)

    assert event == domain.SilenceRefuted("s-2", "ab" * 32, "s-0")
    assert (after.reminded_date, after.silence, after.claim) == (DAY, "NOT_OPENED", "s-2")
    assert after.refuted_by == "ab" * 32


def test_a_reprimand_is_kept_beside_a_reminder() -> None:
    reminded = domain.hear(a_notice(), domain.Reminded(KNOWN[1], DAY, DAY), "kasn", "s-1", KNOWN)

    after = domain.hear(reminded, REPRIMAND, "kasn", "s-2", KNOWN)

    assert (after.reprimand_number, after.reprimand_date) == ("812/BKN/4/2025", DAY)
    assert (after.letter_number, after.reminded_date) == (KNOWN[1], DAY)


@pytest.mark.parametrize(
    ("event", "sender", "known", "refusal"),
    [
        (CLAIM, "bkn", KNOWN, NotAllowed),
        (CLAIM, "kasn", ("", ""), NotAllowed),
        (REPRIMAND, "kasn", ("kasn", "R-2/KASN/3/2025"), Malformed),
        (CLAIM, "kasn", ("kasn", "R-2/KASN/3/2025"), Malformed),
        (domain.SilenceClaimed("", KNOWN[1], DAY, DAY), "kasn", KNOWN, Malformed),
        (domain.Escalated("B-1", "prov-62", "ppk-6202", KNOWN[1], DAY), "kasn", KNOWN, Malformed),
    ],
    ids=[
        "another examiner",
        "no matter",
        "another recommendation",
        "another letter",
        "no claim",
        "another superior",
    ],
)
def test_what_does_not_fit_is_refused(
    event: domain.HeardEvent, sender: str, known: tuple[str, str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        domain.hear(a_notice(), event, sender, "s-1", known)


@pytest.mark.parametrize(
    ("notice", "refusal"),
    [
        (a_notice(), WrongState),
        (a_notice(claim="s-1"), NotFound),
        (a_notice(claim="s-1", refuted_by="ab" * 32), WrongState),
    ],
    ids=["nothing claimed", "no such receipt", "again"],
)
def test_a_refutation_needs_a_claim_and_a_receipt_in_the_log(notice: Notice, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        domain.refute(notice, domain.RefuteSilence("ab" * 32), {})


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


async def notice_of(served: Served, name: str) -> pb.Notice:
    answer = await served.call(READ + "GetNotice", pb.GetNoticeRequest(name=name), Caller(name.split("/")[1]))
    assert isinstance(answer, bytes), answer
    return pb.Notice.FromString(answer)


async def test_a_claim_is_refuted_with_a_receipt_of_the_authoritys_own_log(served: Served) -> None:
    name = await acts.silence_is_claimed(served)
    digest = await acts.a_receipt_of(served, name)
    request = pb.RefuteSilenceRequest(name=name, receipt_digest=digest, request_id=acts.new_id())

    act = await acts.done(served, WRITE + "RefuteSilence", request)

    (sent,) = await acts.sent(served, act)
    notice = await notice_of(served, name)
    assert (sent.recipient, sent.causation) == ("bkn", notice.claim)
    assert (notice.silence, notice.refuted_by) == ("NOT_OPENED", digest)


async def test_a_receipt_that_is_not_in_the_log_refutes_nothing(served: Served) -> None:
    name = await acts.silence_is_claimed(served)
    request = pb.RefuteSilenceRequest(name=name, receipt_digest=bytes(32), request_id=acts.new_id())

    answer = await served.call(WRITE + "RefuteSilence", request, Caller(name.split("/")[1]))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.NOT_FOUND, ("receipt_digest",))
    assert (await notice_of(served, name)).refuted_by == b""


async def test_a_superior_takes_up_an_escalation_of_a_matter_that_it_does_not_have(served: Served) -> None:
    matter = acts.new_id()
    escalated = kasn_events.Escalated(
        letter_number="B-9/KASN/7/2020",
        letter_date=acts.day(1),
        superior="prov-62",
        authority="ppk-6202",
        recommendation=acts.LETTER,
        due_date=acts.day(3),
        silence=kasn_events.SILENCE_NOT_OPENED,
        inaction="NOT_PUNISHED",
    )

    type = "netral.examiner.escalated.v1"
    await acts.says(served, "bkn", type, escalated, matter=matter, recipient="prov-62")

    notice = await notice_of(served, f"institutions/prov-62/matters/{matter}")
    assert (notice.escalation_number, notice.authority) == ("B-9/KASN/7/2020", "ppk-6202")
    assert notice.inaction == "NOT_PUNISHED"
