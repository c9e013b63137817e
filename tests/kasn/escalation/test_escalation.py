"""Late follow-up at the examiner's desk: the clock as an actor, escalation, and claims of silence."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from sqlalchemy import select

from agreement.clocks import calendar, deadlines
from agreement.parties import institutions
from audit.formats.leaf import Kind
from audit.tables import Leaf
from exchange.statements import envelope
from exchange.statements.protobuf_mapping import to_date
from kasn.escalation import commands as handlers
from kasn.escalation import domain
from kasn.escalation.domain import Held, Ladder
from kasn.escalation.wire import EVENTS
from kasn.matters.domain.matter import Matter, State
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2
from netral.kasn.v1 import service_pb2 as pb
from netral.ppk.v1 import events_pb2 as ppk_events
from refusals import Malformed, NotAllowed, WrongState
from storage.types import table
from support import acts, desks
from support.desks import Caller, Refused, Served
from support.waiting import until

DUE, LATER = date(2025, 3, 17), date(2025, 4, 1)
SENT = datetime(2025, 3, 3, 2, tzinfo=UTC)
NOTHING = Held("s-1", SENT, None, "")
KEPT = Held("s-1", SENT, SENT + timedelta(minutes=1), "ab" * 32)
LETTER = "R-1943/KASN/7/2020"
READ, WRITE = "/netral.kasn.v1.KasnReadService/", "/netral.kasn.v1.KasnService/"


LAST_OF_KASN, FIRST_OF_BKN = date(2024, 9, 3), date(2024, 9, 4)


def a_matter(
    state: State = State.RECOMMENDED, addressee: str = "ppk-6202", letter_date: date = LAST_OF_KASN
) -> Matter:
    return Matter(
        "kasn",
        "m-1",
        "c-1",
        state,
        SENT,
        SENT,
        addressee=addressee,
        letter_number=LETTER,
        letter_date=letter_date,
        due_date=DUE,
    )


def a_ladder(*reached: str) -> Ladder:
    return Ladder("kasn", "m-1", LETTER, reached)


# --- the rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_only_what_is_with_the_addressee_is_on_the_ladder(state: State) -> None:
    matter = a_matter(state)
    on_it = state in {"RECOMMENDED", "OPENED", "ACKNOWLEDGED", "OBJECTED", "DECIDED"}

    assert (domain.next_step(matter, a_ladder(), LATER) is not None) == on_it
    for attempt in (
        lambda: domain.step(matter, a_ladder(), KEPT, LATER),
        lambda: domain.escalate(matter, a_ladder(), domain.Escalate("B-1", LATER), KEPT, LATER),
        lambda: domain.claim_silence(matter, KEPT, LATER),
    ):
        if on_it:
            attempt()
        else:
            with pytest.raises(WrongState):
                attempt()


def test_the_clock_goes_up_one_step_at_a_time_and_then_waits_for_people() -> None:
    matter, ladder, taken = a_matter(), a_ladder(), []
    for day in (date(2025, 3, 9), date(2025, 3, 10), date(2025, 3, 18), date(2025, 3, 19), LATER):
        try:
            event = domain.step(matter, ladder, KEPT, day)
        except WrongState:
            taken.append((day, ""))
        else:
            ladder = domain.apply(ladder, event)
            taken.append((day, ladder.reached[-1]))

    assert [step for _, step in taken] == [
        "",
        "DUE_SOON 2025-03-10",
        "OVERDUE 2025-03-18",
        "REMINDED 2025-03-19",
        "",
    ]
    following = domain.next_step(matter, ladder, LATER)
    assert following is not None and (following.step, following.by) == ("WARNED", "warner")


def test_what_overseers_did_once_it_was_overdue_are_steps_of_the_ladder() -> None:
    late, ladder = date(2025, 3, 20), a_ladder("OVERDUE 2025-03-18", "REMINDED 2025-03-19")
    warned = replace(a_matter(), warning_number="700/1/SJ", warning_date=late)
    blocked = replace(warned, data_blocked=True, block_date=date(2025, 3, 24))
    freed = replace(blocked, data_blocked=False)

    found = [domain.next_step(matter, ladder, LATER) for matter in (warned, blocked, freed)]

    assert [(each.step, each.by, each.day) for each in found if each] == [
        ("BLOCKED", "data_holder", date(2025, 3, 23)),
        ("ESCALATED", "examiner", date(2025, 4, 7)),
        ("BLOCKED", "data_holder", date(2025, 3, 23)),
    ]


def test_a_letter_of_bkn_is_reprimanded_once_it_is_overdue_and_then_blocked() -> None:
    matter, command = a_matter(letter_date=FIRST_OF_BKN), domain.Reprimand("812/BKN/3/2025", LATER)
    with pytest.raises(WrongState, match="not overdue"):
        domain.reprimand(matter, a_ladder(), domain.Reprimand("812/BKN/3/2025", DUE), KEPT, DUE)

    event = domain.reprimand(matter, a_ladder(), command, KEPT, LATER)
    after = domain.apply(a_ladder("OVERDUE 2025-03-18", "REMINDED 2025-03-19"), event)

    assert (event.recommendation, event.due_date, event.silence) == (LETTER, DUE, "NOT_OPENED")
    following = domain.next_step(matter, after, LATER)
    assert following is not None and (following.step, following.by) == ("BLOCKED", "data_holder")
    with pytest.raises(WrongState, match="before"):
        domain.reprimand(matter, after, command, KEPT, LATER)


def test_a_letter_of_kasn_keeps_its_ladder_whoever_examines_now() -> None:
    with pytest.raises(WrongState, match="no reprimand"):
        domain.reprimand(a_matter(), a_ladder(), domain.Reprimand("812/BKN/3/2025", LATER), KEPT, LATER)


def test_a_reprimand_is_not_of_the_future() -> None:
    matter = a_matter(letter_date=FIRST_OF_BKN)
    with pytest.raises(Malformed) as refused:
        domain.reprimand(
            matter, a_ladder(), domain.Reprimand("812/BKN/3/2025", LATER + timedelta(days=1)), KEPT, LATER
        )

    assert refused.value.field == "letter_date"


def test_a_block_before_the_due_date_leaves_the_clock_its_steps() -> None:
    matter = replace(a_matter(), data_blocked=True, block_date=date(2025, 3, 5))

    following = domain.next_step(matter, a_ladder(), date(2025, 3, 18))

    assert following is not None and following.step == "OVERDUE"


def test_a_recommendation_is_overdue_from_the_day_after_its_due_date() -> None:
    matter = a_matter()

    with pytest.raises(WrongState):
        domain.step(matter, a_ladder("DUE_SOON 2025-03-10"), KEPT, DUE)
    assert domain.step(matter, a_ladder("DUE_SOON 2025-03-10"), KEPT, DUE + timedelta(days=1))


@pytest.mark.parametrize(
    ("state", "held", "silence"),
    [
        (State.RECOMMENDED, NOTHING, "NO_CUSTODY_RECEIPT"),
        (State.RECOMMENDED, KEPT, "NOT_OPENED"),
        (State.OPENED, KEPT, "NOT_ACTED_ON"),
        (State.DECIDED, KEPT, "NOT_ACTED_ON"),
    ],
)
def test_a_claim_says_what_the_claimant_holds(state: State, held: Held, silence: str) -> None:
    claimed = domain.claim_silence(a_matter(state), held, LATER)

    assert (claimed.silence, claimed.receipt_digest) == (silence, held.receipt_digest)
    assert (claimed.sent_time, claimed.custody_time, claimed.due_date) == (SENT, held.custody_time, DUE)


def test_whoever_opened_it_is_not_silent_before_the_due_date_has_passed() -> None:
    with pytest.raises(WrongState) as refused:
        domain.claim_silence(a_matter(State.OPENED), KEPT, DUE)

    assert refused.value.reason == "NOT_DUE_YET"


def test_a_recommendation_goes_to_the_addressees_superior_once_and_not_before_it_is_overdue() -> None:
    command = domain.Escalate("B-9/KASN/4/2025", DUE)
    with pytest.raises(WrongState, match="not overdue"):
        domain.escalate(a_matter(), a_ladder(), command, KEPT, DUE)

    event = domain.escalate(a_matter(), a_ladder(), command, KEPT, LATER)

    assert (event.superior, event.authority, event.silence) == ("prov-62", "ppk-6202", "NOT_OPENED")
    with pytest.raises(WrongState, match="before"):
        domain.escalate(a_matter(), domain.apply(a_ladder(), event), command, KEPT, LATER)


@pytest.mark.parametrize(
    ("addressee", "superior"),
    [("prov-62", "kemendagri"), ("kemenpanrb", "presiden"), ("setjen-dpr", "presiden")],
)
def test_a_province_has_the_minister_above_it_and_a_central_authority_the_president(
    addressee: str, superior: str
) -> None:
    command = domain.Escalate("B-9/KASN/4/2025", LATER)

    escalated = domain.escalate(a_matter(addressee=addressee), a_ladder(), command, KEPT, LATER)

    assert (escalated.superior, escalated.authority) == (superior, addressee)


def test_the_clock_and_officers_go_by_the_calendar_of_the_addressees_region() -> None:
    due, known = date(2025, 8, 26), a_ladder("OVERDUE 2025-08-27")
    voted = replace(a_matter(addressee="ppk-1901", letter_date=date(2025, 8, 6)), due_date=due)
    elsewhere = replace(voted, addressee="ppk-1903")
    warned = a_ladder("OVERDUE 2025-08-26")

    for matter, day in ((voted, date(2025, 8, 28)), (elsewhere, date(2025, 8, 27))):
        following = domain.next_step(matter, warned, due)
        assert following is not None and (following.step, following.day) == ("REMINDED", day)
    # Bangka votes on 27 August: the step that follows it is taken a working day later only there.
    assert domain.next_step(voted, known, due) == domain.next_step(elsewhere, known, due)


def test_nobody_is_above_the_president() -> None:
    command = domain.Escalate("B-9/KASN/4/2025", LATER)

    with pytest.raises(WrongState) as refused:
        domain.escalate(a_matter(addressee="presiden"), a_ladder(), command, KEPT, LATER)

    assert refused.value.reason == "NO_SUPERIOR"


def test_claim_and_refutation_both_stand() -> None:
    claimed = domain.apply(a_ladder(), domain.claim_silence(a_matter(), KEPT, LATER), "claim-1")

    refuted = domain.hear(a_matter(), claimed, domain.SilenceRefuted("claim-1", "cd" * 32, "s-1"), "ppk-6202")

    assert (refuted.silence, refuted.claim, refuted.refuted_by) == ("NOT_OPENED", "claim-1", "cd" * 32)


@pytest.mark.parametrize(
    ("event", "sender", "refusal"),
    [
        (domain.SilenceRefuted("claim-1", "cd" * 32, "s-1"), "ppk-3204", NotAllowed),
        (domain.SilenceRefuted("claim-0", "cd" * 32, "s-1"), "ppk-6202", Malformed),
        (domain.SilenceRefuted("claim-1", "", "s-1"), "ppk-6202", Malformed),
    ],
    ids=["not the addressee", "another claim", "no receipt"],
)
def test_a_refutation_that_does_not_fit_is_refused(
    event: domain.SilenceRefuted, sender: str, refusal: type[Exception]
) -> None:
    claimed = domain.apply(a_ladder(), domain.claim_silence(a_matter(), KEPT, LATER), "claim-1")

    with pytest.raises(refusal):
        domain.hear(a_matter(), claimed, event, sender)


def test_a_recommendation_that_is_addressed_anew_begins_at_the_bottom() -> None:
    known = a_ladder("OVERDUE 2025-03-18", "REMINDED 2025-03-19")
    anew = replace(a_matter(), letter_number="R-1944/KASN/7/2020")

    assert domain.of(a_matter(), known) == known
    assert domain.of(anew, known) == Ladder("kasn", "m-1", "R-1944/KASN/7/2020")


def test_what_travels_is_read_back_as_it_was_written() -> None:
    matter = a_matter(State.OPENED)
    for event in (
        domain.step(matter, a_ladder(), KEPT, LATER),
        domain.step(matter, a_ladder("OVERDUE 2025-03-18"), KEPT, LATER),
        domain.escalate(matter, a_ladder(), domain.Escalate("B-9", LATER), KEPT, LATER),
        domain.reprimand(
            a_matter(letter_date=FIRST_OF_BKN), a_ladder(), domain.Reprimand("B-8", LATER), KEPT, LATER
        ),
        domain.claim_silence(matter, KEPT, LATER),
        domain.claim_silence(a_matter(), NOTHING, LATER),
        domain.SilenceRefuted("claim-1", "cd" * 32, "s-1"),
    ):
        assert EVENTS.from_message(EVENTS.to_message(event)) == event


# --- the desk ------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        yield served


async def ticks(served: Served, days: int = 0) -> list[record_pb2.Record]:
    """Acts of the clock some days from today."""
    served.desk.now = lambda: datetime.now(UTC) + timedelta(days=days)
    commands = await handlers.due(served.desk, served.desk.now())
    return [await served.running.commands.run(command) for command in commands]


async def ladder_of(served: Served, name: str) -> pb.Ladder:
    answer = await served.call(READ + "GetLadder", pb.GetLadderRequest(name=name), Caller(served.parties[0]))
    assert isinstance(answer, bytes), answer
    return pb.Ladder.FromString(answer)


async def statements_of(served: Served, type: str) -> list[statement_pb2.Statement]:
    leaves = table(Leaf)
    query = select(leaves.c.body).where(leaves.c.type == type, leaves.c.kind == int(Kind.STATEMENT))
    async with served.desk.database.read() as connection:
        rows = await connection.execute(query)
        return [statement_pb2.Statement.FromString(envelope.read(row.body[1:]).payload) for row in rows]


async def test_the_clock_reminds_the_addressee_once_as_an_actor_of_its_own(served: Served) -> None:
    name = await acts.is_late(served)

    first, second = await ticks(served), await ticks(served, 5)
    third = await ticks(served, 6)
    await ticks(served, 5)

    assert [[record.action for record in records] for records in (first, second, third)] == [
        ["kasn.step_reached"],
        ["kasn.remind"],
        [],
    ]
    (reminder,) = await statements_of(served, "netral.examiner.reminded.v1")
    facts = events_pb2.Reminded()
    reminder.facts.Unpack(facts)
    assert reminder.recipient == "ppk-6202"
    assert (reminder.actor.kind, reminder.actor.id) == (statement_pb2.Actor.KIND_CLOCK, "clock")
    assert (facts.letter_number, facts.silence) == (acts.LETTER, events_pb2.SILENCE_NO_CUSTODY_RECEIPT)
    standing = await ladder_of(served, name)
    assert (standing.step, standing.next_step, standing.next_actor) == (
        "REMINDED",
        "REPRIMANDED",
        "examiner",
    )


async def test_a_step_that_was_taken_is_not_taken_again_whatever_the_clock_believes(served: Served) -> None:
    await acts.is_late(served)
    (command,) = await handlers.due(served.desk, served.desk.now())

    first, again = [await served.running.commands.run(command) for _ in range(2)]

    assert first == again
    assert len((await served.rows())["ladder"]) == 1


async def test_a_running_host_looks_at_the_clock_by_itself(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn", clock_seconds=0.05)) as served:
        name = await acts.is_late(served)

        async def overdue() -> bool:
            return (await ladder_of(served, name)).step == "OVERDUE"

        await until(overdue)


async def test_the_clock_stands_still_in_a_world_of_years_ago_as_long_as_that_is_marked(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    mark = tmp_path / "clock-stands"
    mark.write_text("a season")
    settings = desks.settings(tmp_path, "kasn", clock_stands_file=mark)
    async with desks.serve("kasn", settings) as served:
        name = await acts.is_late(served)
        assert served.running.clock is not None
        clock = served.running._clock(served.running.clock)

        assert await clock.once(served.desk) == 0
        assert (await ladder_of(served, name)).step == ""

        mark.unlink()
        assert await clock.once(served.desk) == 1
        assert (await ladder_of(served, name)).step == "OVERDUE"


async def test_a_reprimand_goes_to_the_addressee_and_the_block_comes_next(served: Served) -> None:
    name = await acts.is_late(served)
    request = pb.ReprimandRequest(
        name=name, letter_number="812/BKN/7/2025", letter_date=acts.day(1), request_id=acts.new_id()
    )

    act = await acts.done(served, WRITE + "Reprimand", request)

    (sent,) = await acts.sent(served, act)
    facts = events_pb2.Reprimanded()
    sent.facts.Unpack(facts)
    assert (sent.type, sent.recipient) == ("netral.examiner.reprimanded.v1", "ppk-6202")
    assert (facts.letter_number, facts.recommendation) == ("812/BKN/7/2025", acts.LETTER)
    standing = await ladder_of(served, name)
    assert (standing.step, standing.next_step, standing.next_actor) == (
        "REPRIMANDED",
        "BLOCKED",
        "data_holder",
    )


# --- who should have acted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inaction", "decree", "fits"),
    [
        ("NOT_EXAMINED", "", True),
        ("NOT_PUNISHED", "", True),
        ("NOT_PUNISHED", "800/1/SK", False),
        ("PUNISHED_UNFITTINGLY", "800/1/SK", True),
        ("PUNISHED_UNFITTINGLY", "", False),
        ("ASLEEP", "", False),
    ],
)
def test_an_escalation_says_who_should_have_acted_as_far_as_the_decree_shows_it(
    inaction: str, decree: str, fits: bool
) -> None:
    matter = replace(a_matter(), decree_number=decree)
    command = domain.Escalate("B-9/KASN/4/2025", LATER, inaction)
    if fits:
        assert domain.escalate(matter, a_ladder(), command, KEPT, LATER).inaction == inaction
        return
    with pytest.raises(Malformed) as refused:
        domain.escalate(matter, a_ladder(), command, KEPT, LATER)
    assert refused.value.field == "inaction"


def test_an_annulled_decree_begins_the_ladder_again() -> None:
    climbed = a_ladder("OVERDUE 2025-03-18", "REMINDED 2025-03-19")
    annulled = replace(
        a_matter(),
        annulment_number="9/BATAL",
        annulment_date=date(2025, 3, 25),
        due_date=date(2025, 4, 8),
    )

    assert domain.days(annulled, climbed) == {}
    assert domain.days(a_matter(), climbed)
    following = domain.next_step(annulled, climbed, date(2025, 4, 20))
    assert following is not None and following.step == "OVERDUE"


async def test_an_escalation_goes_to_the_superior_with_what_the_examiner_holds(served: Served) -> None:
    name = await acts.is_late(served)
    request = pb.EscalateRequest(
        name=name, letter_number="B-9/KASN/7/2020", letter_date=acts.day(1), request_id=acts.new_id()
    )

    act = await acts.done(served, WRITE + "Escalate", request)

    (sent,) = await acts.sent(served, act)
    facts = events_pb2.Escalated()
    sent.facts.Unpack(facts)
    assert (sent.recipient, facts.superior, facts.authority) == ("prov-62", "prov-62", "ppk-6202")
    assert (facts.recommendation, facts.letter_number) == (acts.LETTER, "B-9/KASN/7/2020")
    standing = await ladder_of(served, name)
    assert (standing.step, standing.escalation_number, standing.next_step) == (
        "ESCALATED",
        "B-9/KASN/7/2020",
        "",
    )


async def test_what_was_claimed_and_how_it_was_refuted_both_show(served: Served) -> None:
    name = await acts.is_late(served)
    claim = pb.ClaimSilenceRequest(name=name, request_id=acts.new_id())
    act = await acts.done(served, WRITE + "ClaimSilence", claim)
    refuted = ppk_events.SilenceRefuted(claim=act.statements[0], receipt_digest=acts.DIGEST)

    type = "netral.personnel_authority.silence_refuted.v1"
    await acts.says(served, "ppk-6202", type, refuted, matter=name.rsplit("/", 1)[1])

    standing = await ladder_of(served, name)
    assert standing.silence == events_pb2.SILENCE_NO_CUSTODY_RECEIPT
    assert (standing.claim, standing.refuted_by) == (act.statements[0], acts.DIGEST)


async def test_a_due_date_that_nobody_set_is_the_rules_and_names_it(served: Served) -> None:
    name = await acts.is_examined(served)
    request = acts.a_recommendation(name, letter_date=acts.day(4))
    request.ClearField("due_date")

    act = await acts.done(served, WRITE + "Recommend", request)

    facts = events_pb2.Recommended()
    (await acts.sent(served, act))[0].facts.Unpack(facts)
    rule, letter = deadlines.rule("follow-up-bkn"), to_date(request.letter_date, "letter_date")
    zone = institutions.zone("ppk-6202")
    expected = deadlines.due(rule, deadlines.Start(rule.starts, letter), zone, calendar.latest()).due
    assert (facts.due_rule, to_date(facts.due_date, "due_date")) == (rule.id, expected)


async def test_there_is_no_ladder_of_a_matter_that_is_not_here(served: Served) -> None:
    name = f"institutions/{served.parties[0]}/matters/{acts.new_id()}"
    answer = await served.call(READ + "GetLadder", pb.GetLadderRequest(name=name), Caller(served.parties[0]))

    assert isinstance(answer, Refused) and answer.code == grpc.StatusCode.NOT_FOUND
