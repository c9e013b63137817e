"""Files of exported logs.

A file is the line `netral log export 1` and then each `ExportLogResponse` after its length (varint).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from google.protobuf import proto

from netral.audit.v1 import service_pb2 as pb
from storage.files import whole_file

_FILE_HEAD = b"netral log export 1\n"


class BadExport(ValueError):
    """The file is not an exported log, or is damaged where it cannot be read on."""


def write_export(path: Path, items: Iterable[pb.ExportLogResponse]) -> int:
    """Write an exported log to a file; gives the number of items."""
    with export_file(path) as write:
        return sum(1 for item in items if write(item) is None)


@contextmanager
def export_file(path: Path) -> Iterator[Callable[[pb.ExportLogResponse], None]]:
    """A file to write an exported log to, item by item as they come; it appears under its name when it is whole."""
    with whole_file(path) as file:
        file.write(_FILE_HEAD)
        yield lambda item: proto.serialize_length_prefixed(item, file)  # type: ignore[arg-type]


def read_export(path: Path) -> Iterator[pb.ExportLogResponse]:
    """The items of an exported log in a file, one at a time.

    Raises:
        BadExport: when reading comes to where the file cannot be read.
    """
    with path.open("rb") as file:
        if file.readline(len(_FILE_HEAD)) != _FILE_HEAD:
            raise BadExport(f"{path} is not an exported log")
        while True:
            start = file.tell()
            try:
                item = proto.parse_length_prefixed(pb.ExportLogResponse, file)  # type: ignore[arg-type]
            except Exception as error:  # protobuf raises DecodeError, and others on damaged bytes
                raise BadExport(f"{path} cannot be read from byte {start} on") from error
            if item is None:
                return
            yield item
