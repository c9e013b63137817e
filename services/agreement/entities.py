"""Entities with many fields, such as matters: a change of some of them."""

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["replace"]

T = TypeVar("T")

if TYPE_CHECKING:  # so that the types of fields are checked as for any dataclass
    from dataclasses import replace
else:

    def replace(entity: T, /, **changes: Any) -> T:
        """The entity with some fields changed, as `dataclasses.replace` gives it.

        That one looks at each field and sets each anew: a tenth of a millisecond for a matter, several times for each act. It
        is left to it where a class has slots, or checks its values.

        Raises:
            TypeError: there is no such field.
        """
        if hasattr(entity, "__post_init__") or not hasattr(entity, "__dict__"):
            return dataclasses.replace(entity, **changes)
        if unknown := changes.keys() - entity.__dict__.keys():
            raise TypeError(f"{type(entity).__name__} has no field {', '.join(sorted(unknown))}")
        changed = object.__new__(type(entity))
        changed.__dict__.update(entity.__dict__, **changes)
        return changed
