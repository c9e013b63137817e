"""Every RPC of a host, with its messages and the roles that may call it, is the golden one. `make golden` writes them again."""

import pytest
from google.protobuf import descriptor_pool

from support import golden
from support.desks import BUILT


@pytest.mark.parametrize("name", sorted(BUILT))
def test_the_rpcs_of_a_host_and_who_may_call_them_are_the_golden_ones(name: str) -> None:
    permissions = golden.host(name).HOST.permissions
    lines = [
        f"{described(method)}  [{', '.join(sorted(permissions[method]))}]" for method in sorted(permissions)
    ]

    golden.compare(f"rpcs_{name}.txt", "\n".join(lines) + "\n")


def described(path: str) -> str:
    """The contract of `/package.Service/Method`."""
    service, name = path.strip("/").split("/")
    method = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    takes = ("stream " if method.client_streaming else "") + method.input_type.full_name
    gives = ("stream " if method.server_streaming else "") + method.output_type.full_name
    return f"{path}({takes}) -> {gives}"
