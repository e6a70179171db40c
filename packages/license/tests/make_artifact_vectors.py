"""Wrote vectors/artifacts once, from throw-away keys that were stored nowhere. Run again, it writes all of them anew:

    python packages/license/tests/make_artifact_vectors.py

`verdicts.json` says how each file is read, and what must come of it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from artifacts import Server, identity
from forge import ABSENT, LICENSE_ID, NOW, OLDER_ID, PRODUCT, Vendor, encode, jws
from keywright_license import KeySigner, to_jwk
from keywright_license.revocations import sign_bundle
from keywright_license.usage import digest
from opening import READERS, claims_of

FOLDER = Path(__file__).parent / "vectors" / "artifacts"
NEWEST, NEWEST_BY_ROOT = 7, 3


class Artifacts:
    """The files so far: name → (kind, bytes, code, why)."""

    def __init__(self) -> None:
        self.server = Server()
        self.vendor = self.server.vendor
        self.stranger = Server()
        self.files: dict[str, tuple[str, bytes, str | None, str]] = {}
        self.sound = {
            "revocations": self.server.bundle_file(),
            "activation-request": self.server.request_file(),
            "activation": self.server.activation_file(),
            "release": self.server.release_file(),
            "usage": self.server.report_file(),
        }

    def add(self, kind: str, name: str, data: bytes, code: str | None, why: str) -> None:
        self.files[f"{kind}.{name}"] = (kind, data, code, why)

    def signed(self, kind: str, /, **changes) -> bytes:
        """The sound one with other claims, signed by its own key as nobody should sign it."""
        said = claims_of(self.sound[kind]) | changes
        said = {name: value for name, value in said.items() if value is not ABSENT}
        vouched = kind in ("revocations", "activation")
        kid, key = (self.vendor.kid, self.vendor.issuing) if vouched else (self.server.kid, self.server.key)
        line = jws({"alg": "EdDSA", "kid": kid, "typ": f"keywright-{kind}+jwt"}, said, key)
        return line + (b"\n" + self.vendor.certificate.encode() if vouched else b"") + b"\n"

    def by_root(self, **changes) -> bytes:
        bundle = self.server.bundle(**({"seq": NEWEST_BY_ROOT} | changes))
        return sign_bundle(bundle, KeySigner(self.vendor.root), self.vendor.root_kid, None)


def main() -> None:
    artifacts = Artifacts()
    for add in (add_sound, add_damaged, add_untrusted, add_other_kinds, add_wrong_claims, add_bundles, add_old):
        add(artifacts)
    write(artifacts)


def add_sound(artifacts: Artifacts) -> None:
    for kind, data in artifacts.sound.items():
        artifacts.add(kind, "plain", data, None, "well-formed")
        artifacts.add(kind, "crlf", data.replace(b"\n", b"\r\n"), None, "CRLF line ends")
        artifacts.add(kind, "no-last-newline", data.rstrip(b"\n"), None, "the last line's end is missing")
        artifacts.add(
            kind, "unknown-claims", artifacts.signed(kind, region={"eu": [1, 2.5, None]}), None, "one more claim"
        )
    server = artifacts.server
    artifacts.add(
        "activation-request", "short", server.request_file(name=None, version=None), None, "without name and version"
    )
    artifacts.add(
        "usage",
        "second",
        server.report_file(seq=2, previous=digest(artifacts.sound["usage"])),
        None,
        "tied to the first",
    )
    artifacts.add("usage", "version", server.report_file(version="11.1.0"), None, "with the release that runs")


def add_damaged(artifacts: Artifacts) -> None:
    for kind, data in artifacts.sound.items():
        line, *rest = data.splitlines(keepends=True)
        header, payload, signature = line.strip().split(b".")
        ended = b"\n" + b"".join(rest)
        other = (b"B" if signature[:1] == b"A" else b"A") + signature[1:]
        artifacts.add(kind, "empty", b"", "malformed", "an empty file")
        artifacts.add(kind, "truncated", data[: len(line) // 2], "malformed", "cut in the midst of its line")
        artifacts.add(kind, "one-line-more", data + line, "malformed", "a line more than it has")
        artifacts.add(
            kind,
            "padded",
            b".".join([header, payload, signature + b"=="]) + ended,
            "malformed",
            "padding after the signature",
        )
        artifacts.add(
            kind,
            "tampered",
            b".".join([header, payload, other]) + ended,
            "bad_signature",
            "one character of the signature",
        )
        said = claims_of(data) | {"iat": 1}
        swapped = encode(json.dumps(said).encode())
        artifacts.add(
            kind, "tampered-claims", b".".join([header, swapped, signature]) + ended, "bad_signature", "iat was changed"
        )


def add_untrusted(artifacts: Artifacts) -> None:
    stranger = artifacts.stranger
    artifacts.add("revocations", "stranger", stranger.bundle_file(), "unknown_key", "by another vendor")
    artifacts.add("activation", "stranger", stranger.activation_file(), "unknown_key", "by another vendor")
    artifacts.add("release", "stranger", stranger.release_file(), "unknown_key", "by another deployment's key")
    artifacts.add("usage", "stranger", stranger.report_file(), "unknown_key", "by another deployment's key")
    for kind in ("revocations", "activation"):
        line = artifacts.sound[kind].splitlines()[0]
        other = Vendor(root=artifacts.vendor.root).certificate.encode()
        artifacts.add(
            kind, "other-certificate", line + b"\n" + other + b"\n", "unknown_key", "another key's certificate"
        )
        narrow = artifacts.vendor.certify(product="messaging-edition").encode()
        artifacts.add(kind, "narrow", line + b"\n" + narrow + b"\n", "wrong_product", "by a key of another product")
        over = artifacts.vendor.certify(valid_until=NOW - timedelta(hours=1)).encode()
        artifacts.add(
            kind, "certificate-over", line + b"\n" + over + b"\n", "unknown_key", "issued after the certificate's span"
        )
    line = artifacts.sound["activation"].splitlines()[0]
    artifacts.add("activation", "no-certificate", line + b"\n", "malformed", "without its second line")
    line = artifacts.sound["revocations"].splitlines()[0]
    artifacts.add(
        "revocations", "no-certificate", line + b"\n", "unknown_key", "by an issuing key, without its certificate"
    )
    own = to_jwk(stranger.key.public_key())
    artifacts.add(
        "activation-request",
        "other-key",
        artifacts.signed("activation-request", key=own),
        "malformed",
        "holds another key than it names",
    )


def add_other_kinds(artifacts: Artifacts) -> None:
    everything = artifacts.sound | {
        "license": artifacts.vendor.file(),
        "certificate": artifacts.vendor.certificate.encode() + b"\n",
    }
    for kind in artifacts.sound:
        for other, data in everything.items():
            if other != kind:
                artifacts.add(kind, f"is-{other}", data, "wrong_kind", f"a sound {other}")


def add_wrong_claims(artifacts: Artifacts) -> None:
    for kind, data in artifacts.sound.items():
        said = claims_of(data)
        artifacts.add(kind, "later", artifacts.signed(kind, v=2), "wrong_kind", "claims of version 2")
        for name in sorted(
            said.keys() - {"v", "name", "version", "previous"} - ({"aud"} if kind == "revocations" else set())
        ):
            artifacts.add(
                kind, f"{name}-missing", artifacts.signed(kind, **{name: ABSENT}), "malformed", f"without {name}"
            )
            artifacts.add(
                kind,
                f"{name}-list",
                artifacts.signed(kind, **{name: [1]}),
                "malformed",
                f"{name} as a list of a number",
            )
        artifacts.add(kind, "iat-float", artifacts.signed(kind, iat=1827000000.0), "malformed", "iat with a fraction")
    for changes, why in (
        ({"seq": 0}, "seq 0"),
        ({"seq": 1, "previous": "A" * 43}, "the first of a chain with one before it"),
        ({"seq": 2}, "the second without the one before"),
        ({"peak_active_users": 40}, "a peak below the present"),
        ({"bots": -1}, "a negative count"),
    ):
        artifacts.add(
            "usage",
            "-".join(map(str, changes)) + f"-{next(iter(changes.values()))}",
            artifacts.signed("usage", **changes),
            "malformed",
            why,
        )
    for changes, why in (
        ({"kind": "spare"}, "a kind that is none"),
        ({"deployment": "server-1"}, "a deployment that is no id"),
    ):
        for kind in ("activation-request", "activation"):
            name = next(iter(changes))
            artifacts.add(kind, f"{name}-text", artifacts.signed(kind, **changes), "malformed", why)
    small = {"kty": "OKP", "crv": "Ed25519", "x": encode((1).to_bytes(32, "little")).decode()}
    artifacts.add(
        "activation-request",
        "small-order",
        artifacts.signed("activation-request", key=small),
        "malformed",
        "a key of small order",
    )


def add_bundles(artifacts: Artifacts) -> None:
    add, iat = artifacts.add, claims_of(artifacts.sound["revocations"])["iat"]
    keys = {artifacts.stranger.vendor.kid: NOW + timedelta(days=1)}
    add(
        "revocations",
        "by-root",
        artifacts.by_root(revoked_keys=keys),
        None,
        "one line by a root key, with a revoked key",
    )
    add(
        "revocations",
        "by-root-stale",
        artifacts.by_root(seq=NEWEST_BY_ROOT - 1),
        "stale_bundle",
        "a root's, older than the root's newest",
    )
    add("revocations", "newer", artifacts.server.bundle_file(seq=NEWEST + 1), None, "newer than the newest")
    add("revocations", "stale", artifacts.server.bundle_file(seq=NEWEST - 1), "stale_bundle", "older than the newest")
    add("revocations", "all-products", artifacts.server.bundle_file(product=None), None, "for all products")
    add(
        "revocations",
        "other-product",
        artifacts.server.bundle_file(product="messaging-edition"),
        "wrong_product",
        "for another product",
    )
    add("revocations", "nothing", artifacts.server.bundle_file(revoked_licenses={}), None, "nothing is revoked")
    entry = {"jti": OLDER_ID, "at": iat, "reason": "refunded"}
    for name, licenses, why in (
        ("twice", [entry, entry], "a license twice"),
        ("ahead", [entry | {"at": iat + 1}], "a license revoked after the bundle was made"),
        ("reason", [entry | {"reason": "other"}], "a reason that is none"),
        ("id", [entry | {"jti": "LIC-0001"}], "a license whose id is none"),
    ):
        add("revocations", f"licenses-{name}", artifacts.signed("revocations", licenses=licenses), "malformed", why)
    add(
        "revocations",
        "keys-id",
        artifacts.signed("revocations", keys=[{"kid": "x", "at": 1}]),
        "malformed",
        "a key that is no thumbprint",
    )
    add(
        "revocations",
        "keys-by-issuing-key",
        artifacts.signed("revocations", keys=[{"kid": artifacts.vendor.kid, "at": 1}]),
        None,
        "keys revoked by an issuing key, which are not heeded",
    )


def add_old(artifacts: Artifacts) -> None:
    add, server = artifacts.add, artifacts.server
    for name, issued_at, code, why in (
        ("30-days-old", NOW - timedelta(days=30), None, "exactly 30 days old"),
        ("older", NOW - timedelta(days=30, seconds=1), "stale_request", "a second older"),
        ("day-ahead", NOW + timedelta(days=1), None, "by a clock that is a day ahead"),
        ("further-ahead", NOW + timedelta(days=1, seconds=1), "stale_request", "a second further ahead"),
    ):
        add("activation-request", name, server.request_file(issued_at=issued_at), code, why)
    add(
        "activation",
        "other-product",
        server.activation_file(product="messaging-edition"),
        "wrong_product",
        "for another product",
    )
    add(
        "activation",
        "older-license",
        server.activation_file(license_id=LICENSE_ID, request=identity(77)),
        None,
        "of another request",
    )


def write(artifacts: Artifacts) -> None:
    """`claims` of an accepted file are those that were signed."""
    vendor, server = artifacts.vendor, artifacts.server
    verdicts = {}
    for name, (kind, data, code, why) in artifacts.files.items():
        assert kind in READERS
        (FOLDER / f"{name}.jws").write_bytes(data)
        verdicts[name] = {"as": kind, "accepted": code is None, "code": code, "why": why}
        if code is None:
            verdicts[name]["claims"] = claims_of(data)
    document = {
        "reference_time": NOW.isoformat().replace("+00:00", "Z"),
        "product": PRODUCT,
        "newest": NEWEST,
        "newest_by_root": NEWEST_BY_ROOT,
        "roots": json.loads(vendor.keys.to_jwks())["keys"],
        "deployment_key": to_jwk(server.key.public_key()),
        "files": verdicts,
    }
    (FOLDER / "verdicts.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    main()
