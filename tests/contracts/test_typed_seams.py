"""The path from request to fact is typed: nothing on it is `Any`, so that a type checker follows it from end to end."""

import io
import tokenize
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
SEAMS = sorted(
    path
    for path in SERVICES.rglob("*.py")
    if path.relative_to(SERVICES).parts[0] in {"bawaslu", "kasn", "ppk", "cooperation"}
    and (path.name in {"commands.py", "received.py", "domain.py"} or "domain" in path.parts)
)
RUNNERS = [SERVICES / "host" / name for name in ("command_rows.py", "received_rows.py", "facts.py")]


@pytest.mark.parametrize("path", [*SEAMS, *RUNNERS], ids=lambda path: str(path.relative_to(SERVICES)))
def test_nothing_between_a_request_and_its_fact_is_any(path: Path) -> None:
    names = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)

    assert [name.start[0] for name in names if name.string in ("Any", "cast")] == []


def test_the_seams_are_found() -> None:
    assert len(SEAMS) > 60
