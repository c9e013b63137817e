"""Tools find services and contracts by server reflection, under its new name as under its old one."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_database import DescriptorDatabase
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from support import desks
from support.desks import Served
from support.waiting import HANGS

NAMES = ("grpc.reflection.v1", "grpc.reflection.v1alpha")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


async def asked(
    served: Served, package: str, *requests: ServerReflectionRequest
) -> Sequence[ServerReflectionResponse]:
    """The answers of one stream, as a client without any stubs asks."""
    channel: Any = served.channel
    call = channel.stream_stream(f"/{package}.ServerReflection/ServerReflectionInfo")
    answers = call(iter([each.SerializeToString() for each in requests]), timeout=HANGS)
    return [ServerReflectionResponse.FromString(each) async for each in answers]


@pytest.mark.parametrize("package", NAMES)
async def test_every_service_that_is_told_of_has_its_contract(served: Served, package: str) -> None:
    (listed,) = await asked(served, package, ServerReflectionRequest(list_services="*"))
    services = {each.name for each in listed.list_services_response.service}
    assert {
        "netral.ppk.v1.PpkService",
        "grpc.health.v1.Health",
        *(f"{name}.ServerReflection" for name in NAMES),
    } <= services

    found = await asked(
        served, package, *(ServerReflectionRequest(file_containing_symbol=name) for name in sorted(services))
    )
    for name, answer in zip(sorted(services), found, strict=True):
        contracts = DescriptorDatabase()
        for file in answer.file_descriptor_response.file_descriptor_proto:
            contracts.Add(FileDescriptorProto.FromString(file))
        assert DescriptorPool(contracts).FindServiceByName(name).methods, answer


@pytest.mark.parametrize("package", NAMES)
async def test_what_there_is_not_is_not_found(served: Served, package: str) -> None:
    (answer,) = await asked(served, package, ServerReflectionRequest(file_containing_symbol="netral.Nothing"))

    assert answer.error_response.error_code == 5
