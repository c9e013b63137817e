"""JSON in the one form that packs have it: sorted, one space of indent, ASCII, a line feed at the end. No I/O."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"


def print_json(document: Json) -> bytes:
    """The one text of a document."""
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()
