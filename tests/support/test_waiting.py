"""Waiting ends as soon as it can and says what it waited for when it cannot."""

import pytest

from support.waiting import until


async def test_what_the_condition_gives_is_the_answer() -> None:
    answers = iter([None, [], ["arrived"]])

    assert await until(lambda: next(answers)) == ["arrived"]


async def test_a_condition_may_be_asked_for_asynchronously() -> None:
    async def arrived() -> int:
        return 3

    assert await until(arrived) == 3


async def test_what_does_not_come_true_is_named_at_the_deadline() -> None:
    def a_receipt_is_there() -> bool:
        return False

    with pytest.raises(AssertionError, match=r"a_receipt_is_there did not come true within 0.02 seconds"):
        await until(a_receipt_is_there, within=0.02)


async def test_an_assertion_that_still_fails_at_the_deadline_is_what_is_raised() -> None:
    def all_settled() -> bool:
        assert 1 == 2, "one is open"
        return True

    with pytest.raises(AssertionError, match="one is open"):
        await until(all_settled, within=0.02)
