"""Calls that fail on purpose: the next ones that match fail before or after they took effect, are late, or answer with
something wrong.
"""

import fnmatch
from dataclasses import asdict, dataclass, field
from typing import Literal

from stripe_simulator.shapes import Json
from stripe_simulator.store import Store


@dataclass
class Fault:
    """`path` may have `*`. `error` answers with `status`, `disconnect` breaks the connection, `delay` is only late,
    `alter` answers as ever but for `fields`, which are put in the place of the answer's own.

    `before`: the call had no effect. `after`: it had, and only the answer is lost.
    """

    how: Literal["error", "disconnect", "delay", "alter"]
    when: Literal["before", "after"] = "before"
    method: str = "*"
    path: str = "*"
    status: int = 500
    seconds: float = 0.0
    times: int = 1
    fields: Json = field(default_factory=dict)

    def body(self) -> Json:
        sentence = f"The simulator was told to fail this call {self.when} its effect."
        return {"error": {"message": sentence, "type": "api_error"}}


def add_fault(store: Store, fault: Fault) -> None:
    store.set_setting("faults", [*store.setting("faults", []), asdict(fault)])


def take_fault(store: Store, method: str, path: str) -> Fault | None:
    """The first fault that matches, with one of its times used up."""
    kept = [Fault(**fault) for fault in store.setting("faults", [])]
    for fault in kept:
        if fnmatch.fnmatchcase(method, fault.method) and fnmatch.fnmatchcase(path, fault.path):
            fault.times -= 1
            store.set_setting("faults", [asdict(one) for one in kept if one.times > 0])
            return fault
    return None
