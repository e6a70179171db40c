"""Judges everything that a simulator was asked, answered and sent, by Stripe's description of the pinned version.

The simulator appends it to a file (`serve --record`), whoever it was that called: the portal, a browser, a test.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from stripe_description import check_answer, check_event, check_request, has_operation

Json = dict[str, Any]

OWN = re.compile(
    r"\b[a-z]+_[A-Za-z0-9]{24}\b"  # ids and secrets
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|(?<![.\w])[1-9][0-9]{9}(?![.\w])"  # Unix seconds
)
"""What differs between two payments that are alike. The description says no more of it than that it is a string, or an
integer, so what was judged with one in its place needs no second look with another.
"""
REFUSALS = ("invalid_request_error", "idempotency_error")


class Judge:
    """`is_strict` is for a caller that must never send what Stripe doesn't take. Else a request that was refused isn't
    held against it: the simulator's own tests send wrong ones on purpose.
    """

    def __init__(self, record: Path, *, is_strict: bool = True) -> None:
        self.record = record
        self.is_strict = is_strict
        self.judged = 0
        self._read = 0
        self._seen: set[str] = set()

    def judge(self) -> None:
        """All that came since the last time. AssertionError at the first that isn't as Stripe describes it."""
        if not self.record.exists():
            return
        with self.record.open("rb") as file:
            file.seek(self._read)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]  # the last line may be under way
        self._read += len(whole)
        for line in whole.decode().splitlines():
            self.judged += 1
            alike = OWN.sub("1", line)
            if alike not in self._seen:
                self._judge_one(json.loads(line))
                self._seen.add(alike)

    def _judge_one(self, entry: Json) -> None:
        if "event" in entry:
            check_event(entry["event"])
            return
        call = entry["call"]
        method, path, status, answer = call["method"], call["path"], call["status"], call["answer"]
        error = answer.get("error") or {}
        was_refused = error.get("type") in REFUSALS or "param" in error
        is_judged = self.is_strict or not was_refused
        if call["params"] is not None and is_judged:
            check_request(method, path, call["params"])
        if is_judged or has_operation(method, path):
            check_answer(method, path, status, answer)
