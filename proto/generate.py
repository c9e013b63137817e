"""Python code from the contracts in this folder, and the images that `make check` lints and compares.

protoc runs in this interpreter (grpcio-tools): no network, no other tool. Run it through `make proto`,
`make proto-release` and `make check`. What the contracts import from elsewhere is in `validate.binpb`, so that
`protoc --descriptor_set_in=proto/validate.binpb -I proto …` is enough for anyone who generates another language.
"""

import argparse
import ast
import filecmp
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc

PROTO = Path(__file__).resolve().parent
SERVICES = PROTO.parent / "services"
IMPORTED = PROTO / "validate.binpb"
BASELINE = PROTO / "baseline.binpb"
VALIDATE = "buf/validate/validate.proto"
# The words of acts, for the command: beside the code that makes options of them.
ACTS = SERVICES / "cli" / "acts.json"

# Generated folders in services/. Nothing else may live there: `write` replaces them whole.
GENERATED = ("netral", "buf")

# In dependency order, as a FileDescriptorSet wants it.
FROM_WHEELS = (
    "google.protobuf.descriptor_pb2",
    "google.protobuf.any_pb2",
    "google.protobuf.duration_pb2",
    "google.protobuf.empty_pb2",
    "google.protobuf.field_mask_pb2",
    "google.protobuf.struct_pb2",
    "google.protobuf.timestamp_pb2",
    "google.api.field_behavior_pb2",
    "google.api.resource_pb2",
    "google.type.date_pb2",
)


def contracts() -> list[str]:
    """Our own .proto files, as protoc names them."""
    return sorted(path.relative_to(PROTO).as_posix() for path in PROTO.glob("netral/**/*.proto"))


def run_protoc(*arguments: str) -> None:
    """One protoc run with the imported descriptors; protoc itself has said what was wrong."""
    if protoc.main(["protoc", f"--descriptor_set_in={IMPORTED}", f"-I{PROTO}", *arguments]) != 0:
        sys.exit("The contracts do not compile; see above.")


def generate(into: Path) -> None:
    """Modules, type stubs and gRPC stubs of all contracts, and of validate.proto, which they import."""
    # protoc finds the mypy-protobuf plugins on PATH; they are beside this interpreter.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    into.mkdir(parents=True, exist_ok=True)
    run_protoc(f"--python_out={into}", f"--mypy_out=quiet:{into}", *contracts(), VALIDATE)
    with_services = [
        name for name in contracts() if re.search(r"^service ", (PROTO / name).read_text(), re.MULTILINE)
    ]
    # Servers and clients here are grpc.aio only, so the stubs are typed for it alone.
    run_protoc(f"--grpc_python_out={into}", f"--mypy_grpc_out=quiet,only_async:{into}", *with_services)


def image(into: Path) -> None:
    """The contracts and all they import as one image with comments, the form that buf reads."""
    run_protoc("--include_imports", "--include_source_info", f"--descriptor_set_out={into}", *contracts())


class Field(TypedDict):
    """Field of a request: its name, kind (text, date, number, digest), the words of a closed list, and what its comment says."""

    name: str
    kind: str
    words: list[str]
    required: bool
    help: str


def acts() -> str:
    """The acts on one thing whose requests are plain texts, dates, digests and words of lists, as JSON: what `cli.acts` reads."""
    with tempfile.TemporaryDirectory() as folder:
        image(Path(folder) / "image.binpb")
        files = FileDescriptorSet.FromString((Path(folder) / "image.binpb").read_bytes()).file
    enums = {f".{file.package}.{each.name}": each for file in files for each in file.enum_type}
    requests = {
        f".{file.package}.{message.name}": (message, _comments(file), place)
        for file in files
        for place, message in enumerate(file.message_type)
    }
    found = {}
    for file in files:
        comments = _comments(file)
        for at, service in enumerate(file.service):
            for number, method in enumerate(service.method):
                fields = _fields(*requests[method.input_type], enums)
                if fields is not None:
                    told = re.sub(r" Durable on return[^.]*[.]", "", comments.get((6, at, 2, number), ""))
                    found[f"{file.package}.{service.name}.{method.name}"] = {"help": told, "fields": fields}
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    """The comments of a contract in one line each, by the path of what they stand above."""
    return {
        tuple(each.path): " ".join(each.leading_comments.split())
        for each in file.source_code_info.location
        if each.leading_comments
    }


def _fields(
    message: DescriptorProto,
    comments: dict[tuple[int, ...], str],
    place: int,
    enums: dict[str, EnumDescriptorProto],
) -> list[Field] | None:
    """The fields that an officer gives; None if it is no act on one thing, or has a field that is not plain."""
    if not {"name", "request_id"} <= {each.name for each in message.field}:
        return None
    behavior: Any = field_behavior_pb2.field_behavior  # its stubs do not say of which options it is
    found = [
        Field(
            name=each.name,
            kind=kind,
            words=[*_words(each, enums)],
            required=field_behavior_pb2.REQUIRED in each.options.Extensions[behavior],
            help=comments.get((4, place, 2, number), ""),
        )
        for number, each in enumerate(message.field)
        if each.name not in ("name", "request_id") and (kind := _kind(each))
    ]
    return found if len(found) == len(message.field) - 2 else None


def _kind(field: FieldDescriptorProto) -> str:
    """How a field is given; empty if it is not plain."""
    kinds = FieldDescriptorProto
    if field.label == kinds.LABEL_REPEATED:
        return ""
    if field.type_name == ".google.type.Date":
        return "date"
    plain = {
        kinds.TYPE_STRING: "text",
        kinds.TYPE_ENUM: "text",
        kinds.TYPE_BYTES: "digest",
        kinds.TYPE_INT32: "number",
    }
    return plain.get(field.type, "")


def _words(field: FieldDescriptorProto, enums: dict[str, EnumDescriptorProto]) -> Iterator[str]:
    """The words of a closed list as they are typed: without the list's name, with hyphens."""
    if field.type == FieldDescriptorProto.TYPE_ENUM:
        unset, *values = enums[field.type_name].value
        prefix = unset.name.removesuffix("UNSPECIFIED")
        yield from (each.name.removeprefix(prefix).lower().replace("_", "-") for each in values)


def write() -> None:
    """Replace what is generated; it is touched only when all has been generated."""
    with tempfile.TemporaryDirectory(prefix=".generate-", dir=SERVICES) as folder:
        generate(Path(folder))
        for name in GENERATED:
            shutil.rmtree(SERVICES / name, ignore_errors=True)
            shutil.move(Path(folder) / name, SERVICES / name)
    ACTS.write_text(acts(), "utf-8")


def differences() -> list[str]:
    """Generated files that are missing, changed by hand, stale or left over."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        wanted, found = _files(Path(folder)), _files(SERVICES)
        lost = [f"services/{name}: missing" for name in sorted(wanted - found)]
        extra = [f"services/{name}: no contract makes it" for name in sorted(found - wanted)]
        other = [
            f"services/{name}: not what its contract makes"
            for name in sorted(wanted & found)
            if not filecmp.cmp(Path(folder) / name, SERVICES / name, shallow=False)
        ]
    if not ACTS.exists() or ACTS.read_text("utf-8") != acts():
        other.append("services/cli/acts.json: not what the contracts say")
    return lost + extra + other


def _files(root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for name in GENERATED
        for path in (root / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def check() -> None:
    """Lint, compatibility with the last release, and generated code that is what the contracts make."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "image.binpb"
        image(built)
        buf("lint", str(built))
        if BASELINE.exists():
            buf("breaking", str(built), "--against", str(BASELINE))
    if wrong := differences():
        sys.exit("\n".join([*wrong, "Run `make proto` and commit what it writes."]))


def buf(command: str, *arguments: str) -> None:
    """One buf run without network, with its cache in a folder of its own, so that any HOME will do."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [Path(sys.executable).parent / "buf", command, *arguments, "--config", PROTO / "buf.yaml"],
            env={**os.environ, "BUF_CACHE_DIR": cache},
            check=False,
        )
    if done.returncode != 0:
        sys.exit(f"buf {command} found the above.")


def imported_descriptors() -> FileDescriptorSet:
    """What contracts may import, from the installed wheels.

    protovalidate ships no validate.proto; the serialized descriptor in its generated module is the same thing.
    """
    files = FileDescriptorSet()
    for name in FROM_WHEELS:
        importlib.import_module(name).DESCRIPTOR.CopyToProto(files.file.add())
    generated = importlib.import_module("protovalidate._gen.buf.validate.validate_pb").__file__
    assert generated is not None
    for node in ast.walk(ast.parse(Path(generated).read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "file_desc":
            validate = FileDescriptorProto.FromString(ast.literal_eval(node.args[0]))
            assert validate.name == VALIDATE, validate.name
            files.file.append(validate)
            return files
    sys.exit("protovalidate has moved its descriptor; find file_desc(…) in its generated module.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["write", "check", "release", "import"])
    command = parser.parse_args().command
    if command == "import":
        IMPORTED.write_bytes(imported_descriptors().SerializeToString(deterministic=True))
    elif command == "write":
        write()
    elif command == "check":
        check()
    else:
        image(BASELINE)


if __name__ == "__main__":
    main()
