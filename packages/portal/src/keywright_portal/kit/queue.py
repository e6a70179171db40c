"""Work in the background. A task is a row in our own database: it exists if, and only if, its cause was committed."""

from __future__ import annotations

from typing import Any

from django_q.tasks import async_task


def enqueue(task: str, *arguments: Any) -> None:
    """Enqueue `task`, a dotted path, in the caller's transaction. A task may run more than once and must not mind."""
    async_task(task, *arguments, save=False)
