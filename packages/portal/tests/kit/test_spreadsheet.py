from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.kit.spreadsheet import csv_file, defused


def written(*rows):
    return b"".join(csv_file(("A", "B"), rows)).decode()


def test_a_file_is_utf8_that_excel_knows_with_a_row_a_line():
    assert written(("Müller & Söhne", 3), ('say "no"', None)) == ('\ufeffA,B\r\nMüller & Söhne,3\r\n"say ""no""",\r\n')


def test_numbers_and_dates_are_ours_and_stay_what_they_are():
    at = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
    assert written((Decimal("-1250.50"), -3), (date(2026, 3, 12), at)) == (
        "\ufeffA,B\r\n-1250.50,-3\r\n2026-03-12,2026-03-12 09:30:00\r\n"
    )


@pytest.mark.parametrize(
    "live",
    [
        '=HYPERLINK("http://x.example")',
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "  =1",
        "\u00a0=1",
        "\ufeff=1",
    ],
)
def test_nothing_that_somebody_wrote_is_a_formula(live):
    assert defused(live) == f"'{live}"
    assert next(csv.reader(io.StringIO(written((live, "b")).split("\r\n", 1)[1], newline="")))[0] == f"'{live}"


@pytest.mark.parametrize("harmless", ["", "Brightwater", "a=b", "1-2", "Ana, Ferreira", "'quoted'"])
def test_other_text_stays_as_it_is(harmless):
    assert defused(harmless) == harmless


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_whatever_is_written_is_read_back_and_begins_like_no_formula(rows):
    read = list(csv.reader(io.StringIO(written(*rows).removeprefix("\ufeff"), newline="")))[1:]
    assert [tuple(row) for row in read] == [tuple(map(defused, row)) for row in rows]
    assert not [cell for row in read for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]
