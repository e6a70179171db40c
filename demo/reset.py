"""`make demo-reset`: forget the demo's data. Needs nothing but Python; refuses a folder that isn't a demo's."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    folder = Path(os.environ.get("KEYWRIGHT_DEMO_DIR") or ROOT / ".demo").resolve()
    if not folder.exists():
        print(f"There is no demo data in {folder}.")
        return 0
    if any(folder.iterdir()) and not (folder / "secrets.json").exists():
        print(f"{folder} doesn’t look like a demo’s folder, so nothing was removed. Look at KEYWRIGHT_DEMO_DIR.")
        return 1
    shutil.rmtree(folder)
    print(f"The demo's data in {folder} is gone. make demo begins anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
