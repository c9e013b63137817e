"""Lists of reports and findings of another system (SigapLapor): which column is which of our fields, as configuration.

A mapping is a TOML file. One is shipped; an office that has a list with other columns writes its own of the same form.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from agreement import data_files
from agreement.lists import places
from agreement.lists.columns import Field, folded
from agreement.parties import regions

Name = Literal["number", "region", "event_date", "known_date", "received_date", "reporter", "description"]
SEALED: frozenset[Name] = frozenset({"reporter", "description"})
"""Fields of prose, which may have several columns; all others travel in the open and have one."""
DAYS: tuple[Name, ...] = ("event_date", "known_date", "received_date")
NEEDED: tuple[Name, ...] = ("number", *DAYS, "description")
"""Fields without which no intake can be opened. Of a list without regions the area of the number's office is the region."""

SHIPPED = "sigaplapor.toml"


class Column(data_files.Model):
    """A column of the list: the field that it fills, and the names that it may have; `heading` goes before its text in prose."""

    field: Name
    names: data_files.Texts
    heading: data_files.Text | Literal[""] = ""
    source: data_files.Text
    confirmed: bool


def _region(code: str) -> str:
    if code not in regions.regions():
        raise ValueError("not a region code of Kemendagri")
    return code


class Place(data_files.Model):
    """Words of the list for a region, beside its codes and names, which need not be said."""

    words: data_files.Texts
    code: Annotated[data_files.Text, AfterValidator(_region)]


class IntakeMapping(data_files.Model):
    """A mapping: `month_first` if the list writes 12/31/2023, and for whatever is not confirmed a note."""

    name: data_files.Text
    source: data_files.Text
    confirmed: bool
    note: data_files.Text | Literal[""] = ""
    month_first: bool = False
    column: data_files.Entries[Column]
    region: data_files.Entries[Place] = ()

    @model_validator(mode="after")
    def _says_what_is_needed(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        fields = [each.field for each in self.column]
        if lacking := [name for name in NEEDED if name not in fields]:
            raise ValueError(f"column: none for {', '.join(lacking)}")
        if twice := [name for name in fields if name not in SEALED and fields.count(name) > 1]:
            raise ValueError(f"column: two for {twice[0]}; give one all the names")
        names = [folded(name) for each in self.column for name in each.names]
        if same := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"column: the name {same[0]} stands twice")
        return self

    @property
    def fields(self) -> Sequence[Field]:
        """The columns as fields to be found, named by their places in the file. Of those of prose none is needed by itself."""
        return [
            Field(str(at), each.names, each.field in NEEDED and each.field not in SEALED)
            for at, each in enumerate(self.column)
        ]

    def region_of(self, words: str) -> str:
        """The code of a region by a word of the list, its code, or its name; empty if it is none, or could be several."""
        wanted = folded(words)
        for each in self.region:
            if wanted in map(folded, each.words):
                return each.code
        return places.region_of(words)


def parse(file: str, text: str) -> IntakeMapping:
    """The mapping of a file. Raises `BrokenData`."""
    return data_files.parse(IntakeMapping, file, text, key="field")


@cache
def shipped() -> IntakeMapping:
    """The mapping that is shipped, for SigapLapor."""
    return parse(SHIPPED, data_files.read(SHIPPED))
