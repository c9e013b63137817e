"""What arrives takes effect exactly once, and its sender is told so."""

from support.pair import Side, receipts_in


async def test_a_statement_takes_effect_and_is_answered(pair: tuple[Side, Side]) -> None:
    anna, budi = pair
    matter = "018f0000-0000-7000-8000-000000000001"
    mail = await anna.mailed(budi, "hello", matter=matter, part=b"secret")

    replies = await budi.take(mail)

    assert (await budi.tally(matter)).heard == ("hello",)
    assert [receipt.outcome for receipt in receipts_in(replies)] == [1]
