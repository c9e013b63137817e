"""A supervisor's claim of the examiner's silence, and the examiner's refutation."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import grpc
import pytest
import pytest_asyncio

from kasn.matters.domain.matter import Matter, State
from kasn.silence import domain
from kasn.silence.domain import Claim
from netral.kasn.v1 import events_pb2
from netral.kasn.v1 import service_pb2 as pb
from refusals import Malformed, NotAllowed, NotFound, Refusal, WrongState
from support import acts, desks
from support.desks import Caller, Refused, Served

NOW, DAY = datetime(2025, 3, 3, 2, tzinfo=UTC), date(2025, 4, 1)
MATTER = Matter("kasn", "m-1", "c-1", State.REFERRED, NOW, NOW, supervisor="bawaslu", referral_number="12/PM")
CLAIMED = domain.SilenceClaimed("NOT_ACCEPTED", "12/PM", DAY)
READ, WRITE = "/netral.kasn.v1.KasnReadService/", "/netral.kasn.v1.KasnService/"


def a_claim() -> Claim:
    return domain.hear(MATTER, Claim("kasn", "m-1"), CLAIMED, "bawaslu", "s-2")


def test_a_claim_is_refuted_with_a_receipt_of_the_log_once() -> None:
    event = domain.refute(a_claim(), domain.RefuteSilence("ab" * 32), {"ab" * 32: "s-0"})

    assert event == domain.SilenceRefuted("s-2", "ab" * 32, "s-0")
    refuted = domain.apply(a_claim(), event)
    assert (refuted.silence, refuted.claim, refuted.refuted_by) == ("NOT_ACCEPTED", "s-2", "ab" * 32)
    with pytest.raises(WrongState):
        domain.refute(refuted, domain.RefuteSilence("ab" * 32), {"ab" * 32: "s-0"})


@pytest.mark.parametrize(
    ("event", "sender", "refusal"),
    [
        (CLAIMED, "kpu", NotAllowed),
        (domain.SilenceClaimed("", "12/PM", DAY), "bawaslu", Malformed),
        (domain.SilenceClaimed("NOT_ACCEPTED", "13/PM", DAY), "bawaslu", Malformed),
    ],
    ids=["another supervisor", "no claim", "another referral"],
)
def test_a_claim_that_does_not_fit_is_refused(
    event: domain.SilenceClaimed, sender: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        domain.hear(MATTER, Claim("kasn", "m-1"), event, sender, "s-2")


@pytest.mark.parametrize(
    ("claim", "refusal"),
    [(Claim("kasn", "m-1"), WrongState), (a_claim(), NotFound)],
    ids=["nothing claimed", "no such receipt"],
)
def test_without_a_claim_or_a_receipt_nothing_is_refuted(claim: Claim, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        domain.refute(claim, domain.RefuteSilence("ab" * 32), {})


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        yield served


async def claim_of(served: Served, name: str) -> pb.SilenceClaim:
    request = pb.GetSilenceRequest(name=name)
    answer = await served.call(READ + "GetSilence", request, Caller(name.split("/")[1]))
    assert isinstance(answer, bytes), answer
    return pb.SilenceClaim.FromString(answer)


async def test_the_examiner_refutes_with_the_receipt_that_its_own_log_holds(served: Served) -> None:
    name = await acts.is_accused(served)
    digest = await acts.a_receipt_of(served, name)
    request = pb.RefuteSilenceRequest(name=name, receipt_digest=digest, request_id=acts.new_id())

    act = await acts.done(served, WRITE + "RefuteSilence", request)

    (sent,) = await acts.sent(served, act)
    facts, known = events_pb2.SilenceRefuted(), await claim_of(served, name)
    sent.facts.Unpack(facts)
    assert (sent.recipient, sent.causation) == ("bawaslu", known.claim)
    assert (facts.claim, facts.receipt_digest) == (known.claim, digest)
    assert (known.supervisor, known.silence, known.refuted_by) == ("bawaslu", "NOT_ACCEPTED", digest)


async def test_a_receipt_that_is_not_in_the_log_refutes_nothing(served: Served) -> None:
    name = await acts.is_accused(served)
    request = pb.RefuteSilenceRequest(name=name, receipt_digest=bytes(32), request_id=acts.new_id())

    answer = await served.call(WRITE + "RefuteSilence", request, Caller(name.split("/")[1]))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.NOT_FOUND, ("receipt_digest",))
    assert (await claim_of(served, name)).refuted_by == b""
