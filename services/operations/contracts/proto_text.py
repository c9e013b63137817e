"""Text of a .proto file made from its descriptor: for what contracts import and packages bring along without its source.

Comments are lost, nothing else: protoc makes the same descriptor of it. No I/O.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)
from google.protobuf.message import Message

_LAST_NUMBER = 536_870_911
_KINDS = {number: name.removeprefix("TYPE_").lower() for name, number in FieldDescriptorProto.Type.items()}


def text_of(file: FileDescriptorProto) -> str:
    """The source of a file.

    Raises:
        ValueError: it has groups, maps or an edition: nothing that we contract or import has.
    """
    if file.edition:
        raise ValueError(f"{file.name}: editions are not written")
    public = set(file.public_dependency)
    lines = [
        f'syntax = "{file.syntax or "proto2"}";',
        "",
        f"package {file.package};",
        "",
        *(
            f'import {"public " if place in public else ""}"{name}";'
            for place, name in enumerate(file.dependency)
        ),
        *_options(file.options),
        *_extensions(file.extension, file),
        *(line for each in file.enum_type for line in _enum(each)),
        *(line for each in file.message_type for line in _message(each, file)),
        *(line for each in file.service for line in _service(each)),
    ]
    return "\n".join(lines) + "\n"


def _message(message: DescriptorProto, file: FileDescriptorProto) -> Iterator[str]:
    if message.options.map_entry:
        raise ValueError(f"{file.name}: maps are not written")
    inside = [
        *_options(message.options),
        *(line for each in message.enum_type for line in _enum(each)),
        *(line for each in message.nested_type for line in _message(each, file)),
        *_extensions(message.extension, file),
        *_fields(message, file),
        *(
            f"extensions {_range(each.start, each.end - 1)}{_in_brackets(_settings(each.options))};"
            for each in message.extension_range
        ),
        *_reserved(((each.start, each.end - 1) for each in message.reserved_range), message.reserved_name),
    ]
    yield from _block(f"message {message.name}", inside)


def _fields(message: DescriptorProto, file: FileDescriptorProto) -> Iterator[str]:
    """The fields in their order, those of a oneof in its block."""

    def block_of(field: FieldDescriptorProto) -> int:
        return field.oneof_index if field.HasField("oneof_index") and not field.proto3_optional else -1

    for oneof, fields in groupby(message.field, block_of):
        if oneof < 0:
            yield from (_field(each, file) for each in fields)
            continue
        of = message.oneof_decl[oneof]
        inside = [*_options(of.options), *(_field(each, file, labelled=False) for each in fields)]
        yield from _block(f"oneof {of.name}", inside)


def _field(field: FieldDescriptorProto, file: FileDescriptorProto, *, labelled: bool = True) -> str:
    if field.type == FieldDescriptorProto.TYPE_GROUP:
        raise ValueError(f"{file.name}: groups are not written")
    implicit = file.syntax == "proto3" and not field.proto3_optional
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    labels = {
        FieldDescriptorProto.LABEL_REPEATED: "repeated ",
        FieldDescriptorProto.LABEL_REQUIRED: "required ",
    }
    label = labels.get(field.label, "optional ") if labelled and (repeated or not implicit) else ""
    settings = [
        *([f"default = {_default(field)}"] if field.HasField("default_value") else []),
        *([f'json_name = "{field.json_name}"'] if _has_json_name(field) else []),
        *_settings(field.options),
    ]
    kind = field.type_name or _KINDS[field.type]
    return f"{label}{kind} {field.name} = {field.number}{_in_brackets(settings)};"


def _default(field: FieldDescriptorProto) -> str:
    if field.type == FieldDescriptorProto.TYPE_STRING:
        return _quoted(field.default_value)
    return (
        f'"{field.default_value}"' if field.type == FieldDescriptorProto.TYPE_BYTES else field.default_value
    )


def _has_json_name(field: FieldDescriptorProto) -> bool:
    """True if it is another than the one that follows from the field's name."""
    first, *others = field.name.split("_")
    usual = first + "".join(each[:1].upper() + each[1:] for each in others)
    return field.json_name not in ("", usual)


def _extensions(fields: Sequence[FieldDescriptorProto], file: FileDescriptorProto) -> Iterator[str]:
    for extended, each in groupby(fields, lambda field: field.extendee):
        yield from _block(f"extend {extended}", [_field(field, file) for field in each])


def _enum(enum: EnumDescriptorProto) -> Iterator[str]:
    inside = [
        *_options(enum.options),
        *(f"{each.name} = {each.number}{_in_brackets(_settings(each.options))};" for each in enum.value),
        *_reserved(((each.start, each.end) for each in enum.reserved_range), enum.reserved_name),
    ]
    yield from _block(f"enum {enum.name}", inside)


def _service(service: ServiceDescriptorProto) -> Iterator[str]:
    methods: list[str] = []
    for each in service.method:
        asked = f"{'stream ' if each.client_streaming else ''}{each.input_type}"
        answer = f"{'stream ' if each.server_streaming else ''}{each.output_type}"
        head, options = f"rpc {each.name}({asked}) returns ({answer})", list(_options(each.options))
        methods += _block(head, options) if options else [f"{head};"]
    yield from _block(f"service {service.name}", [*_options(service.options), *methods])


def _reserved(ranges: Iterable[tuple[int, int]], names: Sequence[str]) -> Iterator[str]:
    yield from (f"reserved {_range(first, last)};" for first, last in ranges)
    if names:
        yield f"reserved {', '.join(map(_quoted, names))};"


def _range(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first} to {'max' if last >= _LAST_NUMBER else last}"


def _block(head: str, inside: Sequence[str]) -> list[str]:
    return ["", f"{head} {{", *(f"  {line}" if line else "" for line in inside), "}"]


def _options(options: Message) -> Iterator[str]:
    yield from (f"option {each};" for each in _settings(options))


def _in_brackets(settings: Sequence[str]) -> str:
    return f" [{', '.join(settings)}]" if settings else ""


def _settings(options: Message) -> list[str]:
    """Settings of options, each as `name = value`; a repeated one once for each of its values."""
    return [
        f"{_name(field)} = {_value(field, value)}"
        for field, found in options.ListFields()
        for value in (found if field.is_repeated else [found])
    ]


def _name(field: FieldDescriptor) -> str:
    return f"({field.full_name})" if field.is_extension else str(field.name)


def _value(field: FieldDescriptor, value: Message | str | bytes | bool | int | float) -> str:
    if isinstance(value, Message):
        return f"{{ {text_format.MessageToString(value, as_one_line=True)} }}"
    if isinstance(value, str):
        return _quoted(value)
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[int(value)].name)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
