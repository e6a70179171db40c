"""`make bench`: run the benchmarks, print their table, keep it in bench/RESULTS.md. `python -m bench NAME` runs one."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import directory, invoice, license_rivals, licenses, pages, purchase, setup, transaction, users
from bench.measure import Figure

BENCHMARKS = {
    "directory": directory,
    "invoice": invoice,
    "licenses": licenses,
    "rivals": license_rivals,
    "pages": pages,
    "purchase": purchase,
    "setup": setup,
    "transaction": transaction,
    "users": users,
}
RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Benchmarks

Each row is measured against its floor in the same run, so that the ratio holds on other machines. `make bench` measures
anew; what each floor is, and what is counted, stands in the file of its name in this folder.

"""


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}. Benchmarks: {', '.join(BENCHMARKS)}.")
        return 2
    figures: list[Figure] = []
    for name in wanted:
        print(f"\n{name}", flush=True)
        for figure in BENCHMARKS[name].figures():
            print(f"  {row(figure)}", flush=True)
            figures.append(figure)
    if not sys.argv[1:]:
        RESULTS.write_text(HEAD + table(figures))
        print(f"\nKept in {RESULTS.name}.")
    return 0 if all(figure.met for figure in figures) else 1


def row(figure: Figure) -> str:
    verdict = "yes" if figure.met else "**no**"
    return f"| {figure.name} | {figure.ours} | {figure.floor} | {figure.ratio:.2f} | {figure.goal} | {verdict} |"


def table(figures: list[Figure]) -> str:
    day = datetime.now(tz=UTC).date()
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [f"{day}, {machine}.", "", "| what | ours | floor | ratio | goal | met |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *map(row, figures)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
