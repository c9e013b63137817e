"""Words for a field that breaks the rules of its contract: what is expected of it, with an example; no regular expression.

The rules are those of protovalidate. Its own text is kept for a rule that has no words here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from refusals import Malformed, Parameter

ID = "01993f5e-7a10-7c3e-9b52-3f6d0c2a8e11"
"""A UUID as an example: one that no party gave out."""

_PATTERN = re.compile(r"`(.*)`")
_CHARACTERS: Mapping[str, Malformed] = {
    r"^[^\x00-\x1f\x7f]*$": Malformed("has to be one line of printable characters"),
    r"^[^\x00-\x08\x0b-\x1f\x7f]*$": Malformed("has to be plain text, without control characters"),
    r"^[a-z_]*$": Malformed("has to be a word in small letters"),
    r"^[A-Z_]*$": Malformed("has to be a code in capitals, such as {example}", example="FOLLOW_UP"),
}
# An optional part is left in, of alternatives the first is taken.
_EXAMPLES: Sequence[tuple[str, str]] = (
    ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", ID),
    ("[0-9a-f]{64}", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("[0-9a-f-]{1,36}", ID),
    ("[a-z][a-z0-9-]{1,38}", "ppk-6202"),
    (r"[0-9]{2}(\.[0-9]{2})?", "62.02"),
    ("[1-9][0-9]", "62"),
    ("[A-Z0-9.-]*", "PILKADA-2024"),
)
_ALTERNATIVES = re.compile(r"\(([^()|]*)(\|[^()]*)?\)\??")

Numbers = Sequence[str]
_BOUNDS: Mapping[str, Callable[[Numbers], Malformed]] = {
    "string.min_len": lambda of: _at_least(of[0]),
    "string.max_len": lambda of: Malformed("has to have {most} characters or fewer", most=of[0]),
    "bytes.min_len": lambda of: _at_least(of[0]),
    "bytes.max_len": lambda of: Malformed("has to have {most} bytes or fewer", most=of[0]),
    "bytes.len": lambda of: Malformed("has to have {count} bytes", count=of[0]),
    "int32.gte": lambda of: Malformed("has to be {least} or more", least=of[0]),
    "int64.gte": lambda of: Malformed("has to be {least} or more", least=of[0]),
    "int64.gt": lambda of: Malformed("has to be more than {limit}", limit=of[0]),
    "int32.gte_lte": lambda of: Malformed("has to be from {least} to {most}", least=of[0], most=of[1]),
    "repeated.min_items": lambda of: Malformed("has to be given at least {least} time(s)", least=of[0]),
    "repeated.max_items": lambda of: Malformed("may be given {most} times at most", most=of[0]),
}
_PLAIN: Mapping[str, Malformed] = {
    "required": Malformed("is missing"),
    "message.oneof": Malformed("one of the ways has to be chosen"),
    "string.uuid": Malformed("has to be an id (UUID), such as {example}", example=ID),
    "string.uuid_empty": Malformed("is missing: an id (UUID), such as {example}", example=ID),
    "enum.defined_only": Malformed("is not in the closed list"),
    "enum.not_in": Malformed("is missing: a value of the closed list"),
    "repeated.unique": Malformed("names something twice"),
}


def in_words(rule: str, message: str) -> Malformed:
    """The words for a rule of protovalidate that is broken; `message` is its own text, which names the limits."""
    if rule == "string.pattern" and (found := _PATTERN.search(message)):
        return of_pattern(found[1])
    if rule == "string.in":
        return Malformed("has to be one of: {choices}", choices=message.partition("[")[2].strip("], "))
    if rule in _BOUNDS:
        return _BOUNDS[rule](re.findall("-?[0-9]+", message))
    return _PLAIN.get(rule) or Malformed(message or rule)  # a rule that a contract states in its own words


@cache
def of_pattern(pattern: str) -> Malformed:
    """The words for a text that does not match a pattern."""
    return _CHARACTERS.get(pattern) or Malformed("has to look like {example}", example=example_of(pattern))


def example_of(pattern: str) -> str:
    """A text that matches a pattern of the contracts."""
    text = pattern.removeprefix("^").removesuffix("$")
    for part, example in _EXAMPLES:
        text = text.replace(part, example)
    while (found := _ALTERNATIVES.search(text)) is not None:
        text = text[: found.start()] + found[1] + text[found.end() :]
    return text


def _at_least(least: Parameter) -> Malformed:
    return (
        Malformed("is missing")
        if least == "1"
        else Malformed("has to have {least} characters or more", least=least)
    )
