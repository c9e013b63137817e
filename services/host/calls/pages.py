"""Pages that fit: the answer of a list that is over what gRPC takes is asked for again, with fewer rows.

How large a page is shows when its answer is made. So this is decided at the front door, for all lists at once; the list itself
makes the token of the next page, which begins with the first row that was left out.
"""

from collections.abc import Awaitable, Callable
from functools import cache

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from audit.answer_size import ANSWER_BYTES, that_fit

_SIZE, _TOKEN = "page_size", "next_page_token"


async def page_that_fits(ask: Callable[[Message], Awaitable[Message]], request: Message) -> Message:
    """Answer a request; a list's page has no more rows than fit. A row that is larger goes alone."""
    answer = await ask(request)
    field = rows_of(answer.DESCRIPTOR)
    while field and (fewer := _fewer(request, answer, field)):
        request = _of_size(request, fewer)
        answer = await ask(request)
    return answer


@cache
def rows_of(answer: Descriptor) -> str:
    """The field of a list's answer that has its rows: the first that is repeated; empty if the answer is no page."""
    if _TOKEN not in answer.fields_by_name:
        return ""
    return next(str(field.name) for field in answer.fields if field.is_repeated)


def _fewer(request: Message, answer: Message, field: str) -> int:
    """Count the rows to ask for instead; 0 if the answer fits, or cannot have fewer."""
    whole, sizes = answer.ByteSize(), [row.ByteSize() for row in getattr(answer, field)]
    if whole <= ANSWER_BYTES or len(sizes) < 2:
        return 0
    asked: int = getattr(request, _SIZE) or len(sizes)
    return min(asked - 1, that_fit(sizes, ANSWER_BYTES - (whole - sum(sizes))))


def _of_size(request: Message, size: int) -> Message:
    smaller = type(request)()
    smaller.CopyFrom(request)
    setattr(smaller, _SIZE, size)
    return smaller
