"""The examiner's silence: what Bawaslu claims of it, and how it is refuted."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import grpc
import pytest
import pytest_asyncio

from bawaslu.matters.domain.matter import Matter, State
from bawaslu.silence import domain
from bawaslu.silence.domain import ReferralEvidence, Silence
from bawaslu.silence.wire import EVENTS
from netral.bawaslu.v1 import events_pb2
from netral.bawaslu.v1 import service_pb2 as pb
from netral.kasn.v1 import events_pb2 as kasn_events
from refusals import Malformed, NotAllowed, WrongState
from support import acts, desks
from support.desks import Caller, Refused, Served

SENT, TODAY, DUE = datetime(2025, 3, 3, 2, tzinfo=UTC), date(2025, 4, 1), date(2025, 3, 17)
NOTHING = ReferralEvidence("s-1", SENT, None, "")
KEPT = ReferralEvidence("s-1", SENT, SENT + timedelta(minutes=1), "ab" * 32)
EXAMINER = "bkn"  # in the world of these desks
READ, WRITE = "/netral.bawaslu.v1.BawasluReadService/", "/netral.bawaslu.v1.BawasluService/"


def a_matter(state: State = State.REFERRED, due: date | None = None) -> Matter:
    return Matter(
        "bawaslu", "m-1", "c-1", state, SENT, SENT, examiner="bkn", referral_number="12/PM", due_date=due
    )


@pytest.mark.parametrize("state", list(State))
def test_silence_is_claimed_only_while_something_is_awaited_from_the_examiner(state: State) -> None:
    matter = a_matter(state)

    if state in domain.AWAITED:
        assert domain.claim(matter, KEPT, TODAY).letter_number == "12/PM"
    else:
        with pytest.raises(WrongState):
            domain.claim(matter, KEPT, TODAY)


@pytest.mark.parametrize(
    ("state", "held", "silence"),
    [
        (State.REFERRED, NOTHING, "NO_CUSTODY_RECEIPT"),
        (State.REFERRED, KEPT, "NOT_ACCEPTED"),
        (State.UNDER_EXAMINATION, KEPT, "NOT_ACTED_ON"),
        (State.RECOMMENDED, KEPT, "NOT_ACTED_ON"),
    ],
)
def test_a_claim_says_what_bawaslu_holds(state: State, held: ReferralEvidence, silence: str) -> None:
    claimed = domain.claim(a_matter(state, DUE), held, TODAY)

    assert (claimed.silence, claimed.receipt_digest) == (silence, held.receipt_digest)
    assert (claimed.sent_time, claimed.custody_time) == (SENT, held.custody_time)
    assert EVENTS.from_message(EVENTS.to_message(claimed)) == claimed


def test_an_outcome_is_not_awaited_before_the_follow_up_is_overdue() -> None:
    with pytest.raises(WrongState) as refused:
        domain.claim(a_matter(State.RECOMMENDED, DUE), KEPT, DUE)

    assert refused.value.reason == "NOT_DUE_YET"


def test_claim_and_refutation_both_stand_until_the_next_claim() -> None:
    event = domain.claim(a_matter(), KEPT, TODAY)
    claimed = domain.apply(Silence("bawaslu", "m-1"), event, "claim-1")

    refuted = domain.hear(a_matter(), claimed, domain.SilenceRefuted("claim-1", "cd" * 32, "s-1"), "bkn")

    assert (refuted.silence, refuted.claim, refuted.refuted_by) == ("NOT_ACCEPTED", "claim-1", "cd" * 32)
    assert domain.apply(refuted, event, "claim-2").refuted_by == ""


@pytest.mark.parametrize(
    ("event", "sender", "refusal"),
    [
        (domain.SilenceRefuted("claim-1", "cd" * 32, "s-1"), "kasn", NotAllowed),
        (domain.SilenceRefuted("claim-0", "cd" * 32, "s-1"), "bkn", Malformed),
        (domain.SilenceRefuted("claim-1", "", "s-1"), "bkn", Malformed),
    ],
    ids=["not the examiner", "another claim", "no receipt"],
)
def test_a_refutation_that_does_not_fit_is_refused(
    event: domain.SilenceRefuted, sender: str, refusal: type[Exception]
) -> None:
    claimed = domain.apply(Silence("bawaslu", "m-1"), domain.claim(a_matter(), KEPT, TODAY), "claim-1")

    with pytest.raises(refusal):
        domain.hear(a_matter(), claimed, event, sender)


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        yield served


async def silence_of(served: Served, name: str) -> pb.SilenceClaim:
    request = pb.GetSilenceRequest(name=name)
    answer = await served.call(READ + "GetSilence", request, Caller("bawaslu"))
    assert isinstance(answer, bytes), answer
    return pb.SilenceClaim.FromString(answer)


async def test_what_bawaslu_claims_reaches_the_examiner_and_its_refutation_shows_beside_it(
    served: Served,
) -> None:
    name = await acts.is_sent(served)
    assert (await silence_of(served, name)).silence == ""

    request = pb.ClaimSilenceRequest(name=name, request_id=acts.new_id())
    act = await acts.done(served, WRITE + "ClaimSilence", request)

    (sent,) = await acts.sent(served, act)
    facts = events_pb2.SilenceClaimed()
    sent.facts.Unpack(facts)
    assert (sent.recipient, facts.letter_number) == (EXAMINER, acts.REFERRAL)
    assert facts.silence == events_pb2.SILENCE_NO_CUSTODY_RECEIPT
    refuted = kasn_events.SilenceRefuted(claim=act.statements[0], receipt_digest=acts.DIGEST)
    type, matter = "netral.examiner.silence_refuted.v1", name.rsplit("/", 1)[1]
    await acts.says(served, EXAMINER, type, refuted, matter=matter)
    standing = await silence_of(served, name)
    assert (standing.silence, standing.claim) == ("NO_CUSTODY_RECEIPT", act.statements[0])
    assert standing.refuted_by == acts.DIGEST


async def test_nothing_is_claimed_of_what_was_not_referred(served: Served) -> None:
    name = await acts.is_studied(served)
    request = pb.ClaimSilenceRequest(name=name, request_id=acts.new_id())

    answer = await served.call(WRITE + "ClaimSilence", request, Caller("bawaslu"))

    assert isinstance(answer, Refused) and answer.code == grpc.StatusCode.FAILED_PRECONDITION
    assert answer.reason == "WRONG_STATE"
