"""Found by Python at its start, where this folder is on PYTHONPATH: lets a process of Keywright die at a named point.

A point is a function of the portal's; a trial names all of them in KEYWRIGHT_TRIAL_POINTS (module:function, commas
between), and each is wrapped when its module is loaded. Which of them is deadly now, in which process, before or after
its call, stands in the file KEYWRIGHT_TRIAL_ARMED. Whoever strikes takes the file away first: a death a file. Nothing
of that is known to the portal's own code.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from pathlib import Path

ARMED = Path(os.environ["KEYWRIGHT_TRIAL_ARMED"])
PROCESS = os.environ["KEYWRIGHT_TRIAL_PROCESS"]
POINTS = {}
for _point in os.environ["KEYWRIGHT_TRIAL_POINTS"].split(","):
    POINTS.setdefault(_point.partition(":")[0], []).append(_point)
GUARD_OFF = os.environ.get("KEYWRIGHT_TRIAL_GUARD_OFF", "")
"""A module whose transactions are none, for the trial's twin."""


def strike(point, when):
    try:
        said = ARMED.read_text()
    except FileNotFoundError:
        return
    process, deadly, moment, how = said.split()
    if (process, deadly, moment) != (PROCESS, point, when):
        return
    try:
        ARMED.rename(ARMED.with_suffix(f".struck-{time.time_ns()}"))
    except FileNotFoundError:
        return  # another thread or process was faster
    if how == "alone":
        os.kill(os.getpid(), signal.SIGKILL)
    os.killpg(os.getpgid(0), signal.SIGKILL)
    time.sleep(60)  # the signal is on its way; not one step further


def deadly(call, point):
    @functools.wraps(call)
    def strike_and_call(*arguments, **named):
        strike(point, "before")
        answer = call(*arguments, **named)
        strike(point, "after")
        return answer

    return strike_and_call


class NoTransaction:
    """In place of django.db.transaction."""

    @staticmethod
    def atomic(call=None):
        return contextlib.nullcontext() if call is None else call


def wrap(module):
    for point in POINTS.get(module.__name__, ()):
        *owners, name = point.partition(":")[2].split(".")
        owner = functools.reduce(getattr, owners, module)
        setattr(owner, name, deadly(getattr(owner, name), point))
    if module.__name__ == GUARD_OFF:
        from django.db.models import QuerySet

        module.transaction = NoTransaction
        QuerySet.select_for_update = lambda query, **_options: query  # it needs a transaction


class Wrapping(importlib.abc.MetaPathFinder):
    """Finds what everybody finds, and wraps the points of a module as soon as it is there."""

    def find_spec(self, name, path=None, target=None):
        if name not in POINTS and name != GUARD_OFF:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def execute_and_wrap(module):
            execute(module)
            wrap(module)

        spec.loader.exec_module = execute_and_wrap
        return spec


sys.meta_path.insert(0, Wrapping())
