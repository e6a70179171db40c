"""The Python of docs/console-api.md does what it says."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from conftest import PASSWORD

GUIDE = (Path(__file__).resolve().parents[4] / "docs" / "console-api.md").read_text()
OURS = '"url": "console.example.com", "port": 443'


def test_it_uploads_the_license(address, license_file, tmp_path):
    one, data = license_file()
    (tmp_path / "acme.keywright-license").write_bytes(data)
    code = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)[1]
    assert code.count(OURS) == 1
    place = f'"scheme": "http", "url": "127.0.0.1", "port": {urlsplit(address).port}'
    code = code.replace(OURS, place).replace("…", PASSWORD)
    asking = 'print(driver.system.get_client_license(params={"format": "old"})["Id"])'
    done = subprocess.run(
        [sys.executable, "-c", code + asking], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == (f"{one.id}\n", "")
