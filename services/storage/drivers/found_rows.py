"""Rows that a statement found, all of them in memory: what drivers give, with the names of the columns."""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy.exc import MultipleResultsFound, NoResultFound

R = TypeVar("R")


class FoundRow(tuple[Any, ...]):
    """A row that a query found; its columns are attributes."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def _asdict(self) -> dict[str, Any]: ...

    @property
    def _mapping(self) -> dict[str, Any]:
        """Values by column name."""
        return self._asdict()


class Found(Generic[R]):
    """The rows that a query found, in its order."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[R]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows)

    def all(self) -> Sequence[R]:
        return self._rows

    def first(self) -> R | None:
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> R | None:
        """Return the only row, or None if there is none."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("more rows than one where one was asked for")
        return self.first()

    def one(self) -> R:
        """Return the only row."""
        if (row := self.one_or_none()) is None:
            raise NoResultFound("no row where one was asked for")
        return row


class FoundRows(Found[FoundRow]):
    """The rows of a statement; `rowcount` is how many it found or changed, -1 where the driver does not say."""

    __slots__ = ("rowcount",)

    def __init__(self, rows: Sequence[FoundRow], rowcount: int = -1) -> None:
        super().__init__(rows)
        self.rowcount = rowcount

    def scalar(self) -> Any:
        """Return the first column of the first row; None if there is none."""
        return self._rows[0][0] if self._rows else None

    def scalars(self) -> Found[Any]:
        """Return the first column of each row."""
        return Found([row[0] for row in self._rows])

    def mappings(self) -> Found[dict[str, Any]]:
        """Return each row as a mapping by column name."""
        return Found([row._asdict() for row in self._rows])


@cache
def row_maker(names: tuple[str, ...]) -> Callable[[Sequence[Any]], FoundRow]:
    """Build the function that gives the values of a row the names of its columns."""
    columns = namedtuple("FoundRow", names, rename=True)  # type: ignore[misc]
    row = type("FoundRow", (columns, FoundRow), {"__slots__": ()})
    return partial(tuple.__new__, row)
