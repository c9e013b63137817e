"""Every list fits: a page is cut by bytes as well as by count, and its token goes on with the first row that was left out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import message_factory
from google.protobuf.message import Message

from cooperation.prevention.campaigns.domain import Report
from cooperation.prevention.campaigns.tables import ReportRow
from host.calls.pages import page_that_fits, rows_of
from host.calls.validation import is_writing
from netral.prevention.v1 import service_pb2 as pb
from storage.upserts import insert
from support import desks, golden, requests
from support.basics import new_id
from support.desks import BUILT, Caller
from support.preventions import AUTHORITY, PREVENTION_READS

MOST = 4 * 1024 * 1024
# A field that no contract knows, of 9,000 bytes or 5 MiB: an answer carries it all the same.
SMALL, LARGE = b"\xfa\x3f\xa8\x46", b"\xfa\x3f\x80\x80\xc0\x02"
SERVICES = sorted(
    {path.split("/")[1] for name in BUILT for path in golden.host(name).HOST.permissions if "netral" in path}
)
LISTS = {
    path: method
    for path, method in requests.methods(SERVICES).items()
    if "next_page_token" in method.output_type.fields_by_name
}


class Listing:
    """A list of these rows, which counts only, as all lists do."""

    def __init__(self, method: Any, rows: Sequence[bytes]) -> None:
        self._answer = message_factory.GetMessageClass(method.output_type)
        self._rows = rows

    async def page(self, request: Any) -> Message:
        first = int(request.page_token or 0)
        end = first + (request.page_size or 100)
        answer = self._answer(next_page_token=str(end) if end < len(self._rows) else "")
        for row in self._rows[first:end]:
            getattr(answer, rows_of(answer.DESCRIPTOR)).add().ParseFromString(row)
        return answer


def row(number: int, head: bytes = SMALL, size: int = 9_000) -> bytes:
    return head + number.to_bytes(4, "big") + bytes(size - 4)


@pytest.mark.parametrize("path", sorted(LISTS))
async def test_a_list_beyond_what_grpc_takes_is_cut_and_its_tokens_give_every_row_once(path: str) -> None:
    rows = [row(number) for number in range(1000)]
    rows[600] = row(600, LARGE, 5 * 1024 * 1024)
    listing = Listing(LISTS[path], rows)
    request: Any = message_factory.GetMessageClass(LISTS[path].input_type)(page_size=1000)
    assert (await listing.page(request)).ByteSize() > MOST

    found: list[bytes] = []
    pages: list[tuple[int, int]] = []
    while not pages or request.page_token:
        answer: Any = await page_that_fits(listing.page, request)
        shown = getattr(answer, rows_of(answer.DESCRIPTOR))
        found += [each.SerializeToString() for each in shown]
        pages.append((len(shown), answer.ByteSize()))
        request.page_token = answer.next_page_token
    assert found == rows
    assert [count for count, size in pages if size > MOST] == [1]
    assert len(pages) == 4  # two of the rows before the large one, that one, the rest


@pytest.mark.parametrize("path", sorted(LISTS))
def test_a_list_is_asked_for_by_page_its_rows_come_first_and_it_changes_nothing(path: str) -> None:
    asked, answer = LISTS[path].input_type, LISTS[path].output_type
    assert {"page_size", "page_token"} <= set(asked.fields_by_name)
    assert not is_writing(message_factory.GetMessageClass(asked)())
    rows = answer.fields_by_name[rows_of(answer)]
    assert rows.number == 1 and rows.message_type is not None
    assert {field.name for field in answer.fields if field.is_repeated} <= {rows.name, "facets"}


async def test_a_small_page_is_asked_for_once() -> None:
    path = "/netral.ppk.v1.PpkReadService/ListMatters"
    listing, asked = Listing(LISTS[path], [row(number) for number in range(150)]), []

    async def ask(request: Any) -> Message:
        asked.append(request.page_size)
        return await listing.page(request)

    answer: Any = await page_that_fits(ask, message_factory.GetMessageClass(LISTS[path].input_type)())
    assert (asked, len(answer.matters), answer.next_page_token) == ([0], 100, "100")


async def test_a_running_desk_cuts_its_reports_to_what_an_answer_carries(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    noon = datetime(2023, 11, 15, 12, tzinfo=UTC)
    rows = [
        asdict(Report(AUTHORITY, new_id(), AUTHORITY, "", "TASK_FORCE", noon, units=("x" * 10_000,)))
        for _ in range(700)
    ]
    found: list[str] = []
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        async with served.desk.database.write() as connection:
            await insert(connection, ReportRow, rows)
        request = pb.ListOwnReportsRequest(parent=f"institutions/{AUTHORITY}", page_size=1000)
        while not found or request.page_token:
            answer = await served.call(PREVENTION_READS + "ListOwnReports", request, Caller(AUTHORITY))
            assert isinstance(answer, bytes), answer
            assert len(answer) < MOST
            page = pb.ListReportsResponse.FromString(answer)
            found += [report.id for report in page.reports]
            request.page_token = page.next_page_token
    assert found == sorted(each["id"] for each in rows)
