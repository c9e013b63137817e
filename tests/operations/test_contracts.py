"""The exported contracts are whole: plain protoc and buf, which see that folder only, make a client of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import Default
from grpc_tools import protoc

from operations.contracts import proto_text
from operations.contracts.export import export
from support.netral import Netral
from support.waiting import HANGS

WITHOUT_A_SOURCE = (
    "buf/validate/validate.proto",
    "google/protobuf/descriptor.proto",
    "google/protobuf/any.proto",
)
PROTOC = "import sys; from grpc_tools import protoc; sys.exit(protoc.main(sys.argv))"
CLIENT = """
import grpc
from google.rpc import error_details_pb2
from netral.ppk.v1 import service_pb2, service_pb2_grpc
stub = service_pb2_grpc.PpkReadServiceStub(grpc.insecure_channel("127.0.0.1:9"))
request = service_pb2.ListMattersRequest(parent="institutions/ppk-6202", page_size=500)
assert service_pb2.__file__.startswith(__import__("os").getcwd()), service_pb2.__file__
print(stub.ListMatters, request.parent)
"""


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported folder."""
    folder = tmp_path_factory.mktemp("clients") / "contracts"
    export(folder)
    return folder


def run(*command: str, folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "BUF_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_plain_protoc_makes_stubs_of_it_that_a_program_without_netral_imports(
    contracts: Path, tmp_path: Path
) -> None:
    files = [str(path.relative_to(contracts)) for path in contracts.rglob("*.proto")]
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    ours = [name for name in files if not name.startswith("google/")]
    options = ("-I.", f"--python_out={stubs}", f"--grpc_python_out={stubs}")
    run(sys.executable, "-I", "-c", PROTOC, *options, *ours, folder=contracts)

    (stubs / "client.py").write_text(CLIENT)
    said = run(sys.executable, "-s", "client.py", folder=stubs)
    assert "institutions/ppk-6202" in said


@pytest.mark.slow
def test_buf_builds_it_without_network(contracts: Path, tmp_path: Path) -> None:
    buf = str(Path(sys.executable).with_name("buf"))
    run(buf, "build", str(contracts), "-o", str(tmp_path / "image.binpb"), folder=tmp_path)

    image = FileDescriptorSet.FromString((tmp_path / "image.binpb").read_bytes())
    assert {str(path.relative_to(contracts)) for path in contracts.rglob("*.proto")} == {
        file.name for file in image.file
    }


@pytest.mark.parametrize(
    "name", [*WITHOUT_A_SOURCE, "netral/audit/v1/service.proto", "netral/monitoring/v1/service.proto"]
)
def test_a_source_written_from_a_descriptor_means_the_same(
    name: str, contracts: Path, tmp_path: Path
) -> None:
    described = FileDescriptorProto()
    Default().FindFileByName(name).CopyToProto(described)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(proto_text.text_of(described))

    out = tmp_path / "image.binpb"
    assert (
        protoc.main(["protoc", f"-I{tmp_path}", f"-I{contracts}", f"--descriptor_set_out={out}", name]) == 0
    )

    (again,) = FileDescriptorSet.FromString(out.read_bytes()).file
    assert plain(again) == plain(described)


def plain(file: FileDescriptorProto) -> FileDescriptorProto:
    """A description without what protoc adds: names in JSON that follow from the fields' own."""
    waiting = [*file.message_type]
    fields = [*file.extension]
    for message in waiting:
        waiting += message.nested_type
        fields += [*message.field, *message.extension]
    for field in fields:
        field.ClearField("json_name")
    return file


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    ran = Netral(tmp_path).here("contracts", "export", "contracts")

    assert ran.code == 0, ran.err
    count = len([*(tmp_path / "contracts").rglob("*.proto")])
    assert ran.out.startswith(f"{count} files in contracts.")
    assert (tmp_path / "contracts" / "netral" / "ppk" / "v1" / "service.proto").read_text().count("// ") > 50
