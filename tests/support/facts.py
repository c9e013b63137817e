"""Any event of a desk, drawn by what the contract says of each of its fields. For tests of a desk's `wire`."""

from datetime import date
from typing import Any, get_args, get_type_hints

from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies as st

from agreement.clocks import written_dates
from exchange.statements import protobuf_mapping

_DAYS = st.dates(written_dates.FIRST, written_dates.LAST)  # others are refused wherever a date is read


def events(kind: type[Any], described: Any) -> st.SearchStrategy[Any]:
    """Events of a dataclass whose fields the message descriptor has."""
    fields = described.fields_by_name
    return st.builds(
        kind, **{name: _values(hint, fields[name]) for name, hint in get_type_hints(kind).items()}
    )


def _values(hint: Any, field: Any) -> st.SearchStrategy[Any]:
    if field.is_repeated:
        if hint == tuple[date, ...]:
            return st.lists(_DAYS, max_size=3).map(tuple)
        assert hint == tuple[str, ...]
        # In a list, the unspecified value of a closed list says nothing and is not written.
        words = _texts(field).filter(bool) if field.enum_type is not None else _texts(field)
        return st.lists(words, max_size=3).map(tuple)
    if date in (hint, *get_args(hint)):
        return _DAYS
    if hint is int:
        return st.integers(0, 2**31 - 1)
    assert hint is str
    return _texts(field)


def _texts(field: Any) -> st.SearchStrategy[str]:
    if field.enum_type is not None:
        numbers = list(field.enum_type.values_by_number)
        return st.sampled_from([protobuf_mapping.enum_word(field, number) for number in numbers])
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=32).map(bytes.hex)
    return st.text(st.characters(exclude_categories=["Cs"]))
