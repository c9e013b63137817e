"""A change of some fields of an entity is what `dataclasses.replace` gives."""

import dataclasses
from dataclasses import dataclass

import pytest

from agreement.entities import replace


@dataclass(frozen=True)
class Letter:
    number: str
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Slotted:
    number: str


@dataclass(frozen=True)
class Checked:
    pages: int

    def __post_init__(self) -> None:
        if self.pages < 0:
            raise ValueError("pages")


def test_an_entity_with_some_fields_changed_is_another_and_the_first_stays() -> None:
    first = Letter("12/LP")

    changed = replace(first, pages=3)

    assert changed == dataclasses.replace(first, pages=3) == Letter("12/LP", 3)
    assert first == Letter("12/LP", 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        changed.pages = 4  # type: ignore[misc]


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="Letter has no field page"):
        replace(Letter("12/LP"), page=3)  # type: ignore[call-arg]


def test_a_class_with_slots_or_checks_of_its_own_keeps_them() -> None:
    assert replace(Slotted("1"), number="2") == Slotted("2")
    with pytest.raises(ValueError, match="pages"):
        replace(Checked(1), pages=-1)
