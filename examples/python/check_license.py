"""python check_license.py LICENSE ROOT.pem PRODUCT [FEATURE]: what a product does at its start, and at each question.

Exits 0 if the license may be used (and grants the feature), 1 if not.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from keywright_license import MAX_FILE_BYTES, LicenseError, LicenseState, TrustedKeys, verify


def main(file: str, root: str, product: str, feature: str | None = None) -> int:
    keys = TrustedKeys.from_pem(Path(root).read_bytes())  # in a product: a constant in its code
    with Path(file).open("rb") as opened:
        data = opened.read(MAX_FILE_BYTES + 1)  # the library tells what is too long
    now = datetime.now(UTC)
    try:
        license = verify(data, keys=keys, product=product, now=now)
    except LicenseError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
        return 1
    state = license.state(now=now)
    print(f"{license.plan_name} for {license.organization.name}, {license.seats} seats: {state}")
    usable = state in (LicenseState.ACTIVE, LicenseState.GRACE)
    return 0 if usable and (feature is None or license.has(feature)) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
