"""Write a folder with all that protoc or buf needs to make a client: our contracts, and what they import.

The source of a contract is in `proto/` of a clone, that of google's types beside their code. What is installed without its source
(protovalidate's rules, protobuf's own types, our contracts outside of a clone) is written from its descriptor, without comments.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.rpc import error_details_pb2, status_pb2

from netral.exchange.v1 import service_pb2
from operations.contracts import proto_text
from storage.files import write_whole

_SERVICES = Path(service_pb2.__file__).parents[3]
_PLACES = (_SERVICES.parent / "proto", Path(status_pb2.__file__).parents[2])
_BUF = "# `buf generate` with a buf.gen.yaml of yours makes a client of these contracts.\nversion: v2\n"


def export(folder: Path) -> list[str]:
    """Write the contracts into a folder, which is made; gives the names of the files.

    Raises:
        OSError: naming what cannot be written.
    """
    texts = {file.name: _text(file) for file in _with_imports(_roots())}
    for name, text in (texts | {"buf.yaml": _BUF}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    return sorted(texts)


def _roots() -> Iterator[FileDescriptor]:
    """Our contracts, and the details that refusals carry."""
    for path in sorted((_SERVICES / "netral").rglob("*_pb2.py")):
        yield import_module(".".join(path.relative_to(_SERVICES).with_suffix("").parts)).DESCRIPTOR
    yield from (status_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR)


def _with_imports(files: Iterable[FileDescriptor]) -> list[FileDescriptor]:
    found: dict[str, FileDescriptor] = {}
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file.name not in found:
            found[file.name] = file
            waiting += file.dependencies
    return list(found.values())


def _text(file: FileDescriptor) -> str:
    for place in _PLACES:
        if (source := place / file.name).is_file():
            return source.read_text("utf-8")
    described = FileDescriptorProto()
    file.CopyToProto(described)
    return proto_text.text_of(described)
