"""Acts that could be done, without doing them: a command's rule is tried out, and acts are listed by the state of a matter.

What an act that was done led to is left to `host.services.outcomes`, beside them in one service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from google.protobuf.message import DecodeError, Message

from exchange.context import HostContext
from exchange.delivery.commands import Command, try_out
from exchange.delivery.transaction import Transaction
from host import desk_requests, front_door
from host.calls.parameter_words import in_words
from host.calls.validation import validate
from host.command_rows import CallContext, Function, Method, Service
from host.front_door import WRITERS
from host.services import outcomes
from netral.exchange.v1 import acts_pb2 as pb
from netral.exchange.v1.record_pb2 import Record
from refusals import ActWarning, Malformed, NotAllowed, NotFound, ReasonNeeded, Refusal


class WouldBeDone(Exception):
    """A command was tried out and not refused; the warnings are those that its stated reason answers."""

    def __init__(self, warnings: Sequence[ActWarning]) -> None:
        super().__init__()
        self.warnings = warnings


@dataclass(frozen=True)
class Trial:
    """Stand-in for the queue of commands that tries them out only."""

    desk: HostContext

    async def run(self, command: Command) -> Record:
        """Try a command out.

        Raises:
            Refusal: it would be turned down.
            WouldBeDone: it would not.
        """
        raise WouldBeDone(await try_out(self.desk, command))


def service(services: Sequence[Service]) -> Service:
    """Build the service of a host's acts; `services` are those whose calls it can try out."""
    return Service(
        pb.DESCRIPTOR.services_by_name["ActService"],
        WRITERS,
        (
            Function(pb.CheckRequest, partial(check, services)),
            Function(pb.ListActsRequest, partial(list_acts, services)),
            outcomes.METHOD,
        ),
    )


async def check(
    services: Sequence[Service], context: CallContext, request: pb.CheckRequest
) -> pb.CheckResponse:
    """Run the rule of a command without committing.

    Raises:
        Malformed: it is not the request of a writing call of this host.
        NotAllowed: the caller may not make the call.
    """
    methods = _methods(services, request.request.type_url.rpartition("/")[2])
    asked = methods[0].request()
    try:
        asked.ParseFromString(request.request.value)
    except DecodeError as error:
        raise Malformed("not the bytes of such a request", field="request.value") from error
    validate(asked)
    answers = [await _try(method, context, asked) for method in methods]
    return next((answer for answer in answers if answer.possible), answers[0])


async def _try(method: Method, context: CallContext, asked: Message) -> pb.CheckResponse:
    try:
        await method.answer(CallContext(context.desk, Trial(context.desk)), asked)
    except WouldBeDone as done:
        return pb.CheckResponse(possible=True, warnings=_warnings(done.warnings))
    except Refusal as refusal:
        return pb.CheckResponse(
            reason=refusal.reason,
            message=in_words(refusal, front_door.caller().language),
            field=refusal.field or "",
            warnings=_warnings(refusal.warnings if isinstance(refusal, ReasonNeeded) else ()),
        )
    raise AssertionError("a writing call runs a command")


def _warnings(warnings: Sequence[ActWarning]) -> list[pb.ActWarning]:
    """Write warnings in the caller's language."""
    language = front_door.caller().language
    return [pb.ActWarning(reason=each.reason, message=in_words(each, language)) for each in warnings]


def _methods(services: Sequence[Service], asked_type: str) -> list[Method]:
    """The writing methods of a request type that the caller may call: a desk and a room beside it both read files."""
    found = [
        (each.roles, method)
        for each in services
        for method in each.methods
        if method.request.DESCRIPTOR.full_name == asked_type
        and "request_id" in method.request.DESCRIPTOR.fields_by_name
    ]
    if not found:
        raise Malformed("not the request of a writing call of this desk", field="request.type_url")
    allowed = [method for roles, method in found if front_door.caller().role in roles]
    if not allowed:
        raise NotAllowed("the caller's role may not call this method", reason="ROLE_NOT_PERMITTED")
    return allowed


async def list_acts(
    services: Sequence[Service], context: CallContext, request: pb.ListActsRequest
) -> pb.ListActsResponse:
    """List the acts that are possible on a matter, or on what else has a name, as far as its state and the party's roles decide.

    Raises:
        NotFound: nothing of this name is at the party.
    """
    return pb.ListActsResponse(acts=(await _look(services, context.desk, request.name))[1])


async def standing(services: Sequence[Service], desk: HostContext, request: Message) -> Mapping[str, str]:
    """State of what a refused call was on, and the actions that are possible there now, for its refusal.

    Empty if the call was on nothing that has a name, or that is not there.
    """
    if "name" not in request.DESCRIPTOR.fields_by_name:
        return {}
    try:
        state, found = await _look(services, desk, desk_requests.text_of(request, "name"))
    except Refusal:
        return {}
    return {"state": state, "possible_acts": ",".join(dict.fromkeys(each.action for each in found))}


async def _look(
    services: Sequence[Service], desk: HostContext, resource: str
) -> tuple[str, list[pb.PossibleAct]]:
    """The state of what has a name, and the acts that are possible on it."""
    party, id = desk_requests.parse_resource_name(resource)
    collection = resource.split("/")[2]
    acts = [
        (f"/{each.name}/{name}", method)
        for each in services
        if front_door.caller().role in each.roles
        for name, method in each.by_name.items()
        if method.possibility is not None and method.possibility.collection == collection
    ]
    found: list[pb.PossibleAct] = []
    states: list[str] = []

    def look(tx: Transaction) -> Record:
        for path, method in acts:
            assert method.possibility is not None
            try:
                possible = method.possibility.is_now(tx, id)
                states.append(method.possibility.state(tx, id))
            except NotFound:
                continue
            if possible:
                name = method.request.DESCRIPTOR.full_name
                found.append(pb.PossibleAct(method=path, request_type=name, action=method.possibility.action))
        if not states:
            raise desk_requests.missing(collection.removesuffix("s"))
        return Record()

    keys = {key for _, method in acts if method.possibility for key in method.possibility.keys(party, id)}
    await try_out(desk, Command(party, front_door.caller().actor, "", b"", sorted(keys), look))
    return next(filter(None, states), ""), found
