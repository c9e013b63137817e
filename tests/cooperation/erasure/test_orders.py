"""Orders of erasure: who may give one, from whom one is believed, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cooperation.erasure.domain import orders
from cooperation.erasure.domain.orders import Dealings, Erasure, ErasureAnswered, ErasureOrdered, State
from refusals import NotAllowed, NotFound, Refusal, WrongState

NOW, TODAY = datetime(2026, 11, 25, 8, tzinfo=UTC), date(2026, 11, 25)
OWN = Dealings(known=True, collected_here=True, sent_to=frozenset({"kasn"}))
GIVEN = Dealings(known=True, heard_from=frozenset({"bawaslu"}), sent_to=frozenset({"bawaslu", "ppk-6202"}))
ORDER = ErasureOrdered("order-1", "bawaslu", "uu-27-2022", "SUBJECT_REQUEST", TODAY)


def ordered(known: Erasure | None = None, dealings: Dealings = OWN, **other: Any) -> ErasureOrdered:
    values: dict[str, Any] = {
        "id": "order-1",
        "party": "bawaslu",
        "basis": "uu-27-2022",
        "ground": "SUBJECT_REQUEST",
        "today": TODAY,
    }
    return orders.order(known, dealings, **(values | other))


def an_erasure(party: str = "bawaslu", heard_from: str = "", **other: Any) -> Erasure:
    begun = orders.begin(ORDER, party=party, matter="m", case_id="c", heard_from=heard_from, now=NOW)
    return replace(begun, **other)


def test_who_collected_the_data_orders():
    assert ordered() == ORDER


@pytest.mark.parametrize(
    ("dealings", "refusal"),
    [(Dealings(), NotFound), (GIVEN, NotAllowed), (replace(OWN, collected_here=False), NotAllowed)],
    ids=["nothing is known", "others' data", "nothing collected here"],
)
def test_nobody_else_does(dealings: Dealings, refusal: type[Refusal]):
    with pytest.raises(refusal):
        ordered(dealings=dealings)


@pytest.mark.parametrize(
    "other",
    [{"basis": "skb-2022"}, {"basis": "no-law"}, {"ground": "WHIM"}, {"today": date(2022, 10, 16)}],
    ids=["a basis for other things", "no basis", "no ground", "before the law"],
)
def test_an_order_needs_a_ground_and_a_basis_that_permits_it_on_that_day(other: dict[str, Any]):
    with pytest.raises(Refusal):
        ordered(**other)


def test_an_order_is_believed_from_whom_the_data_came():
    assert orders.hear(None, GIVEN, ORDER, "bawaslu", "kasn")


def test_an_order_on_what_is_not_here_yet_is_taken_so_that_it_is_not_kept_when_it_comes():
    assert orders.hear(None, Dealings(), ORDER, "bawaslu", "kasn")


@pytest.mark.parametrize(
    ("sender", "party", "dealings"),
    [("ppk-3204", "kasn", GIVEN), ("kasn", "bawaslu", OWN), ("kasn", "ppk-6202", OWN)],
    ids=["a stranger", "its own order comes back", "it collected them itself"],
)
def test_an_order_is_believed_from_nobody_else(sender: str, party: str, dealings: Dealings):
    with pytest.raises(NotAllowed):
        orders.hear(None, dealings, ORDER, sender, party)


def test_an_order_that_comes_on_two_ways_is_one_and_another_is_refused():
    known = an_erasure("kasn", "bawaslu")

    assert not orders.hear(known, GIVEN, ORDER, "bawaslu", "kasn")
    with pytest.raises(WrongState):
        orders.hear(known, GIVEN, replace(ORDER, order="order-2"), "bawaslu", "kasn")


def test_an_order_is_passed_on_to_those_who_got_data_but_not_back():
    known = an_erasure("kasn", "bawaslu")
    assert orders.to_ask(known, GIVEN) == ("ppk-6202",)
    assert orders.to_ask(orders.ask(known, ("ppk-6202",)), GIVEN) == ()


def test_whom_a_holder_passed_the_order_on_to_has_to_answer_too():
    known = orders.ask(an_erasure(), ("kasn",))
    event = ErasureAnswered("order-1", "ERASED", ("bkn", "bawaslu"))

    said = orders.answer(known, event, "kasn", "bawaslu", NOW)

    assert list(zip(said.asked, said.answers, strict=True)) == [("kasn", "ERASED"), ("bkn", "")]


def test_the_answer_of_one_that_is_not_known_yet_counts_and_the_last_word_stands():
    held = orders.answer(an_erasure(), ErasureAnswered("order-1", "HELD", ()), "ppk-6202", "bawaslu", NOW)
    done = orders.answer(held, ErasureAnswered("order-1", "ERASED", ()), "ppk-6202", "bawaslu", NOW)

    assert (held.answers, done.answers) == (("HELD",), ("ERASED",))


@pytest.mark.parametrize(
    "known", [None, an_erasure(order="order-2"), an_erasure("bawaslu", ordered_by="ppk-6202")]
)
def test_an_answer_to_no_order_of_this_party_is_refused(known: Erasure | None):
    with pytest.raises(NotFound):
        orders.answer(known, ErasureAnswered("order-1", "ERASED", ()), "kasn", "bawaslu", NOW)


def test_an_order_is_begun_only_when_nothing_holds_it_and_finished_only_when_begun():
    known = an_erasure()
    held = orders.hold(known, NOW)

    with pytest.raises(WrongState):
        orders.start(held, True, NOW)
    begun = orders.start(held, False, NOW)
    assert begun.state == State.BEGUN
    for wrong in (lambda: orders.hold(begun, NOW), lambda: orders.start(begun, False, NOW)):
        with pytest.raises(WrongState):
            wrong()
    with pytest.raises(WrongState):
        orders.finish(known, 0, 0, True, NOW)


@pytest.mark.parametrize(
    ("emptied", "documents", "had_key", "state"),
    [
        (2, 0, True, State.ERASED),
        (0, 0, True, State.ERASED),
        (1, 0, False, State.ERASED),  # gone on with after a crash: the key went before
        (0, 0, False, State.NOTHING_HELD),
    ],
)
def test_what_had_nothing_says_so(emptied: int, documents: int, had_key: bool, state: State):
    begun = orders.start(an_erasure(), False, NOW)
    assert orders.finish(begun, emptied, documents, had_key, NOW).state == state
