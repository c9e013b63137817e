"""Server reflection under both of its names: v1alpha, which grpcio has, and v1 with the same messages, which newer tools ask for."""

from collections.abc import Sequence
from functools import cache

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

_ALPHA, _FIRST = "grpc.reflection.v1alpha", "grpc.reflection.v1"
V1 = f"{_FIRST}.ServerReflection"


def enable(server: grpc.aio.Server, services: Sequence[str]) -> None:
    """Let callers ask which services there are, and for their contracts."""
    _describe_v1()
    servicer = reflection.aio.ReflectionServicer([*services, reflection.SERVICE_NAME, V1])
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(servicer, server)
    answer = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    handler = grpc.method_handlers_generic_handler(V1, {"ServerReflectionInfo": answer})
    server.add_generic_rpc_handlers((handler,))


@cache
def _describe_v1() -> None:
    """Make the contract of v1 known, for tools that ask for every service they are told of: that of v1alpha under its name."""
    file = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(file)
    file.name, file.package = file.name.replace("v1alpha", "v1"), _FIRST
    for field in (each for message in file.message_type for each in message.field if each.type_name):
        field.type_name = field.type_name.replace(f".{_ALPHA}.", f".{_FIRST}.")
    for method in (method for service in file.service for method in service.method):
        method.input_type = method.input_type.replace(_ALPHA, _FIRST)
        method.output_type = method.output_type.replace(_ALPHA, _FIRST)
    descriptor_pool.Default().Add(file)
