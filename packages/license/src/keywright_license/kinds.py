"""What `typ` says in the header of each artifact, and the version of their claims. A signature over one kind is no
good for another.
"""

from __future__ import annotations

from typing import Final

LICENSE: Final = "keywright-license+jwt"
CERTIFICATE: Final = "keywright-certificate+jwt"
REVOCATIONS: Final = "keywright-revocations+jwt"
ACTIVATION_REQUEST: Final = "keywright-activation-request+jwt"
ACTIVATION: Final = "keywright-activation+jwt"
RELEASE: Final = "keywright-release+jwt"
USAGE: Final = "keywright-usage+jwt"

CLAIMS_VERSION: Final = 1
