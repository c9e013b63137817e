"""Amounts that a decree cuts from a salary or an allowance: a share in percent, or a sum in rupiah each month, as decrees write them. Pure.

The rules that were read cut by a share (PP 94/2021 art. 8(3): 25 percent of the performance allowance); a local rule and that of a PPPK may
name a sum. Another measure was read in none.
"""

import re
from decimal import Decimal

from refusals import Malformed

_SHARE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?) ?(?:%|persen|per ?cent)", re.IGNORECASE)
_SUM = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,15})(?:,[0-9]{2}|,-)?"
_RUPIAH = re.compile(rf"Rp\.? ?{_SUM}|{_SUM} rupiah", re.IGNORECASE)


def check(text: str, *, field: str) -> str:
    """An amount as it is written, blanks at its ends left out.

    Raises:
        Malformed: it is neither a share of up to 100 % nor a sum in rupiah.
    """
    amount = text.strip()
    share = _SHARE.fullmatch(amount)
    if share is not None and 0 < Decimal(share[1].replace(",", ".")) <= 100:
        return amount
    if share is None and _RUPIAH.fullmatch(amount) and re.search("[1-9]", amount):
        return amount
    raise Malformed("neither a share such as 25% nor a sum such as Rp500.000", field=field)
