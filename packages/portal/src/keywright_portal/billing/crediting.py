"""How much of each line of an invoice a credit note takes back. Pure: minor units in, minor units out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keywright_portal.domain.money import round_half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditable:
    """A line as it was billed, and what earlier credit notes took back of it."""

    gross: int
    tax: int
    credited_gross: int = 0
    credited_tax: int = 0

    @property
    def left(self) -> int:
        return self.gross - self.credited_gross


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """What is taken back of one line: `gross` with the `tax` in it."""

    gross: int
    tax: int

    @property
    def net(self) -> int:
        return self.gross - self.tax


def spread(total: int, *, over: Sequence[int]) -> list[int]:
    """`total` in parts proportional to the weights `over`, by largest remainder: the parts add up to it exactly.

    No part is larger than its weight where the total isn't larger than all of them. Equal remainders go to the first.
    """
    whole = sum(over)
    if total and not whole:
        raise ValueError("there is nothing to spread it over")
    parts = [total * weight // whole if whole else 0 for weight in over]
    remainders = [total * weight % whole if whole else 0 for weight in over]
    first = sorted(range(len(over)), key=lambda place: (-remainders[place], place))
    for place in first[: total - sum(parts)]:
        parts[place] += 1
    return parts


def credit_lines(*, gross: int, lines: Sequence[Creditable]) -> list[Credited]:
    """`gross` spread over what is left of the lines; the tax in it is each line's own share.

    Tax is reckoned on all that was ever credited of a line, less what earlier notes took: however many notes there are,
    once a line is credited in whole its tax is too. Raises ValueError where more is asked for than is left.
    """
    left = [line.left for line in lines]
    if not 0 < gross <= sum(left):
        raise ValueError("a credit note takes back at least something and at most what is left")
    credited = []
    for line, part in zip(lines, spread(gross, over=left), strict=True):
        tax_in_all = round_half_up((line.credited_gross + part) * line.tax, line.gross) if line.gross else 0
        credited.append(Credited(gross=part, tax=tax_in_all - line.credited_tax))
    return credited
