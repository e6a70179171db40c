"""The parsers under atheris, which is steered by what it has reached in them. A crash ends it with a traceback.

python packages/license/tests/trials/fuzz_parsers.py SECONDS
"""

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

with atheris.instrument_imports(include=["keywright_license"]):
    from trials.parsers import PARSERS, parse, seeds

NAMES = tuple(PARSERS)


def one(data: bytes) -> None:
    """The first byte chooses the parser."""
    if data:
        parse(NAMES[data[0] % len(NAMES)], data[1:])


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="keywright-fuzz-") as folder:
        for number, seed in enumerate(seeds()):
            for index in range(len(NAMES)):
                Path(folder, f"{number}-{index}").write_bytes(bytes([index]) + seed)
        limits = [f"-max_total_time={int(sys.argv[1])}", "-max_len=8192", "-timeout=20", "-rss_limit_mb=1024"]
        atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
