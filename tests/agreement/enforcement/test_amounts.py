"""Amounts that decrees cut: a share or a sum in rupiah, as decrees write them."""

import pytest

from agreement.enforcement import amounts
from refusals import Malformed


@pytest.mark.parametrize(
    "text",
    ["25%", "50 %", "12,5 persen", "100%", "Rp500.000", "Rp 1.500.000,00", "Rp. 250000,-", "500.000 rupiah"],
)
def test_a_share_or_a_sum_is_taken_as_it_is_written(text: str) -> None:
    assert amounts.check(f" {text} ", field="measure_amount") == text


@pytest.mark.parametrize(
    "text", ["", "25", "some", "0%", "101%", "25% of it", "Rp", "Rp0", "Rp5.00", "Rp1,5 juta", "$5", "-5%"]
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        amounts.check(text, field="measure_amount")

    assert refused.value.field == "measure_amount"
