"""Rooms of one host, put together."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from exchange.context import EntityStore, FactKey, Facts, HostContext
from exchange.delivery.commands import Command
from exchange.delivery.inbox.handlers import Handler
from host import features
from host.features import Feature, Host
from storage.together import Reading, Write


class Room:
    """Tables that remember what they were asked."""

    def __init__(self, name: str, log: list[tuple[str, str, list[FactKey]]]) -> None:
        self.name, self.log = name, log
        self.new: Collection[FactKey] = ()

    @property
    def store(self) -> EntityStore:
        return EntityStore(self.load, self.save)

    def load(self, keys: Collection[FactKey]) -> Reading[Facts]:
        self.log.append((self.name, "load", sorted(keys)))
        return Reading((), lambda found: dict.fromkeys(keys, self.name))

    def save(self, facts: Mapping[FactKey, Any], new: Collection[FactKey]) -> Sequence[Write]:
        self.log.append((self.name, "save", sorted(facts)))
        self.new = new
        return ()


CASE, WATCHED, NUMBER = ("matter", "p", "1"), ("watched", "p", "1"), ("number", "p", "letter", "7")


def two_rooms() -> tuple[EntityStore, Room, Room, list[tuple[str, str, list[FactKey]]]]:
    log: list[tuple[str, str, list[FactKey]]] = []
    one, other = Room("one", log), Room("other", log)
    first = one.store
    return features.stores({"matter": first, "number": first, "watched": other.store}), one, other, log


def test_each_room_loads_and_saves_the_facts_of_its_words() -> None:
    store, one, other, log = two_rooms()

    found = store.load({WATCHED, CASE, NUMBER}).make(())
    store.save(dict.fromkeys((CASE, NUMBER, WATCHED), "new"), {WATCHED})

    assert found == {CASE: "one", NUMBER: "one", WATCHED: "other"}
    assert log == [
        ("one", "load", [CASE, NUMBER]),
        ("other", "load", [WATCHED]),
        ("one", "save", [CASE, NUMBER]),
        ("other", "save", [WATCHED]),
    ]
    assert (one.new, other.new) == (set(), {WATCHED})


def test_a_room_without_a_fact_is_not_asked() -> None:
    store, _, _, log = two_rooms()

    store.load({CASE})

    assert log == [("one", "load", [CASE])]


def test_a_fact_that_no_room_keeps_is_never_dropped_in_silence() -> None:
    store, _, _, _ = two_rooms()

    with pytest.raises(AssertionError, match="letter"):
        store.save({("letter", "p", "1"): "x"}, set())


class Said:
    def __init__(self, copy_of: str) -> None:
        self.copy_of = copy_of


def test_a_copy_goes_to_the_room_of_copies_and_an_original_to_the_other() -> None:
    heard: list[str] = []

    def hears(name: str, *needs: str) -> Handler:
        return Handler(StringValue, lambda tx, received: heard.append(name), needs)

    handlers = features.originals_and_copies(
        {"both": hears("original", "matter"), "mine": hears("mine", "matter")},
        {"both": hears("copy", "watched"), "theirs": hears("theirs", "watched")},
    )
    for type, copy_of in (("both", ""), ("both", "x"), ("mine", "x"), ("theirs", "")):
        handlers[type].handle(None, Said(copy_of))  # type: ignore[arg-type]

    assert heard == ["original", "copy", "mine", "theirs"]
    assert [handlers[type].loads for type in ("both", "mine", "theirs")] == [
        ("matter", "watched"),
        ("matter",),
        ("watched",),
    ]


def test_what_tells_something_to_several_rooms_goes_to_each_that_has_the_matter_and_else_to_the_first() -> (
    None
):
    heard: list[str] = []

    def hears(name: str, *needs: str) -> Handler:
        return Handler(StringValue, lambda tx, received: heard.append(name), needs)

    class Facts:
        def __init__(self, *words: str) -> None:
            self.party, self._known = "p", {(word, "p", "1") for word in words}

        def get(self, key: FactKey) -> object:
            return key if key in self._known else None

    class OfAMatter:
        matter = "1"

    handler = features.wherever_known(hears("mine", "matter"), hears("theirs", "watched"))
    for words in (("matter",), ("watched",), ("matter", "watched"), ()):
        handler.handle(Facts(*words), OfAMatter())  # type: ignore[arg-type]

    assert heard == ["mine", "theirs", "mine", "theirs", "mine"]
    assert handler.loads == ("matter", "watched")


@pytest.mark.parametrize("field", ["received", "copies", "stores"])
def test_two_features_that_offer_the_same_are_refused(field: str) -> None:
    one, other = (Feature(name, **{field: {"matter": None}}) for name in ("one", "other"))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="matter"):
        Host("bawaslu", [one, other])


def test_two_features_with_a_clock_are_refused() -> None:
    async def nothing_is_due(desk: HostContext, at: datetime) -> list[Command]:
        return []

    with pytest.raises(TypeError, match="clock"):
        Host("bawaslu", [Feature("one", clock=nothing_is_due), Feature("other", clock=nothing_is_due)])
