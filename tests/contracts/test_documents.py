"""The documents name paths, commands and identifiers; each of them has to exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("services", "proto", "deploy", "tests")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))]
)
COMMANDS = {line.strip() for line in (ROOT / "tests/contracts/golden/commands.txt").open() if line[0] != " "}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def spans(page: Path) -> Iterator[str]:
    """Code spans, and the lines of code blocks."""
    text = page.read_text()
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    text = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from (line.strip() for line in text.splitlines() if line.startswith("    "))
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text))


def stands_for_a_file(name: str) -> bool:
    """A path, or a module by its dotted name."""
    return (ROOT / name).exists() or any(
        (ROOT / folder / f"{name.replace('.', '/')}{end}").exists()
        for folder in ("services", "tests")
        for end in (".py", "")
    )


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_document_names_exists(page: Path) -> None:
    named = {
        path.rstrip(".,:")
        for span in spans(page)
        for path in re.findall(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/[\w./@-]+", span)
        if "{" not in span
    }

    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(page: Path) -> None:
    def known(words: list[str]) -> bool:
        group = [command for command in COMMANDS if command.startswith(" ".join(words[:2]) + " ")]
        return " ".join(words[: 3 if group else 2]) in COMMANDS

    unknown = []
    for span in spans(page):
        if match := re.match(r"(?:\.venv/bin/)?(netral(?: +[a-z][a-z-]*)+)", span):
            words = match[1].split()
            if "|" not in span.split("#")[0] and not known(words):
                unknown.append(span)
        if (match := re.match(r"make ([a-z-]+)", span)) and match[1] not in TARGETS:
            unknown.append(span)

    assert unknown == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_document_names_exists(page: Path) -> None:
    def exists(file: str, name: str) -> bool:
        path = ROOT / file
        return path.exists() and bool(re.search(rf"^(?:async )?def {name}\(", path.read_text(), re.MULTILINE))

    named = re.findall(r"(tests/[\w/]+\.py)::(test_\w+)", page.read_text())

    assert [f"{file}::{name}" for file, name in named if not exists(file, name)] == []


def test_every_name_of_the_glossary_stands_in_the_code() -> None:
    code = "\n".join(
        path.read_text()
        for folder in ("services", "proto")
        for end in ("py", "proto", "toml", "csv")
        for path in (ROOT / folder).rglob(f"*.{end}")
        if not path.is_relative_to(ROOT / "services/netral")
        and not path.is_relative_to(ROOT / "services/buf")
    )
    defined = set(re.findall(r"^ *(?:class|message|enum|rpc|service) (\w+)", code, re.MULTILINE))
    defined |= set(re.findall(r"^(\w+)(?:: [^=\n]+)? = ", code, re.MULTILINE))
    rows = [line for line in (ROOT / "GLOSSARY.md").read_text().splitlines() if line.startswith("|")]
    names = {name for row in rows for name in re.findall(r"`([^`]+)`", row.rstrip("| ").rsplit("|", 1)[-1])}

    def stands(name: str) -> bool:
        if re.fullmatch(r"(?:[A-Z][a-z]+)+", name):
            return name in defined
        return name in code or stands_for_a_file(name) or name in COMMANDS

    assert [name for name in sorted(names) if not stands(name)] == []


def test_decisions_stand_in_order_within_their_subject_and_no_number_is_missing_or_twice() -> None:
    subjects = (ROOT / "DECISIONS.md").read_text().split("\n## ")
    numbers = [[int(each) for each in re.findall(r"^### (\d+)\.", text, re.MULTILINE)] for text in subjects]

    assert [each for each in numbers if each != sorted(each)] == []
    every = sorted(number for each in numbers for number in each)
    assert every == list(range(1, len(every) + 1))


def test_every_data_file_of_the_agreement_is_on_its_page() -> None:
    folder = ROOT / "services/agreement/data"
    page = (folder / "README.md").read_text()

    named = set(re.findall(r"`([\w.]+)[`/]", page))

    assert [file.name for file in sorted(folder.iterdir()) if file.name not in named] == ["README.md"]
