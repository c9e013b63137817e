"""Page tokens of the trail's lists: opaque to callers, and bound to the question that they page through."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable
from hashlib import sha256

from audit.log.reads import BadQuery


def page_token(question: Hashable, last: int | str) -> str:
    """Token of the next page of the same question; opaque to callers."""
    return urlsafe_b64encode(f"{_digest(question)}:{last}".encode()).decode()


def read_page_token(question: Hashable, token: str) -> str | None:
    """The last key of the page before; None for the first page.

    Raises:
        BadQuery: it is no token of ours, or one of another question.
    """
    if not token:
        return None
    try:
        digest, separator, last = urlsafe_b64decode(token.encode()).decode().partition(":")
    except ValueError:
        digest = separator = last = ""
    if not separator or digest != _digest(question) or page_token(question, last) != token:
        raise BadQuery("the page token is not one that was given for this question", field="page_token")
    return last


def _digest(question: Hashable) -> str:
    return sha256(repr(question).encode()).hexdigest()[:12]
