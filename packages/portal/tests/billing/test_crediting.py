from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from keywright_portal.billing.crediting import Creditable, Credited, credit_lines, spread


@pytest.mark.parametrize(
    ("total", "over", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [5, 5], [1, 0]),
        (10, [3, 0, 7], [3, 0, 7]),
        (0, [3, 7], [0, 0]),
        (0, [0, 0], [0, 0]),
        (5, [2, 4], [2, 3]),
        (50, [99, 1], [50, 0]),
    ],
)
def test_a_total_is_spread_by_largest_remainder(total, over, parts):
    assert spread(total, over=over) == parts


def test_nothing_takes_no_share():
    with pytest.raises(ValueError, match="nothing to spread it over"):
        spread(1, over=[0, 0])


@given(weights=some.lists(some.integers(0, 10**13), min_size=1, max_size=8), share=some.fractions(0, 1))
def test_parts_add_up_and_each_is_less_than_one_from_its_share(weights, share):
    total = int(sum(weights) * share)
    parts = spread(total, over=weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part - Fraction(total * weight, sum(weights) or 1)) < 1


@pytest.mark.parametrize("gross", [0, -1, 120])
def test_more_than_is_left_and_nothing_are_no_credit(gross):
    with pytest.raises(ValueError, match="at most what is left"):
        credit_lines(gross=gross, lines=[Creditable(gross=119, tax=19)])


def test_a_part_has_its_share_of_tax():
    lines = [Creditable(gross=11_900, tax=1_900), Creditable(gross=10_700, tax=700)]
    parts = credit_lines(gross=11_300, lines=lines)
    assert parts == [Credited(gross=5_950, tax=950), Credited(gross=5_350, tax=350)]
    assert [part.net for part in parts] == [5_000, 5_000]


LINES = some.lists(
    some.integers(0, 10**12).flatmap(
        lambda gross: some.builds(Creditable, gross=some.just(gross), tax=some.integers(0, gross))
    ),
    min_size=1,
    max_size=6,
)


@given(lines=LINES, cuts=some.lists(some.fractions(0, 1), max_size=6))
def test_however_many_notes_there_are_they_end_at_the_invoice(lines, cuts):
    """The last takes what is left: then gross and tax of each line are credited to the minor unit."""
    while left := sum(line.left for line in lines):
        gross = max(1, int(left * cuts.pop())) if cuts else left
        parts = credit_lines(gross=gross, lines=lines)
        assert sum(part.gross for part in parts) == gross
        assert all((part.gross >= 0 and part.tax >= 0 and part.net >= 0) or part.gross == 0 for part in parts)
        lines = [
            Creditable(
                gross=line.gross,
                tax=line.tax,
                credited_gross=line.credited_gross + part.gross,
                credited_tax=line.credited_tax + part.tax,
            )
            for line, part in zip(lines, parts, strict=True)
        ]
    assert [line.credited_tax for line in lines if line.gross] == [line.tax for line in lines if line.gross]
