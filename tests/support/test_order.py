"""Long tests come first, for every worker."""

from pathlib import Path

from support.order import long_first


class ATest:
    """A test of a file, by number; those of some files are long."""

    def __init__(self, file: str, number: int) -> None:
        self.path, self.number = Path(file), number

    def get_closest_marker(self, name: str) -> object:
        return "long" in self.path.name if name == "slow" and "long" in self.path.name else None

    def __repr__(self) -> str:
        return f"{self.path} {self.number}"


def test_each_worker_begins_with_long_files_and_no_test_is_lost():
    tests = [ATest(file, n) for file in ("a", "b-long", "c", "d-long", "e-long", "f") for n in range(10)]

    ordered = long_first(tests, 2)  # type: ignore[arg-type]

    assert [(each.path.name, each.number) for each in ordered[:20]] == [
        (file, n) for file in ("b-long", "e-long") for n in range(10)
    ]
    assert [each.path.name for each in ordered[30:40]] == ["d-long"] * 10
    assert sorted(map(repr, ordered)) == sorted(map(repr, tests))


def test_long_files_that_fill_all_stretches_are_kept_whole():
    tests = [ATest(f"{file}-long", n) for file in "abc" for n in range(4)]

    ordered = long_first(tests, 4)  # type: ignore[arg-type]

    assert ordered == tests
