from datetime import UTC, datetime, timedelta, timezone

import pytest

from artifacts import Server, identity
from forge import LICENSE_ID, NOW, OLDER_ID, PRODUCT, Vendor, jws, seconds
from keywright_license import (
    BadSignatureError,
    KeySigner,
    MalformedError,
    RevokedKeyError,
    SigningError,
    TrustedKeys,
    UnknownKeyError,
    WrongKindError,
    WrongProductError,
    thumbprint,
    verify,
)
from keywright_license.errors import StaleBundleError
from keywright_license.limits import MAX_BUNDLE_BYTES
from keywright_license.revocations import RevocationBundle, RevocationReason, RevokedLicense, read_bundle, sign_bundle

REVOCATIONS = "keywright-revocations+jwt"


@pytest.fixture(scope="module")
def server(vendor):
    return Server(vendor=vendor)


def read(data, vendor, **changes):
    said = {"keys": vendor.keys, "product": PRODUCT, "now": NOW, "newest": None}
    return read_bundle(data, **(said | changes))


def by_root(bundle, vendor):
    return sign_bundle(bundle, KeySigner(vendor.root), vendor.root_kid, None)


def claims(**changes):
    return {"v": 1, "iss": "Example Software", "iat": seconds(NOW), "seq": 7, "licenses": [], "keys": []} | changes


def line(vendor, **changes):
    """By a root, with claims as nobody should sign them."""
    return jws({"alg": "EdDSA", "kid": vendor.root_kid, "typ": REVOCATIONS}, claims(**changes), vendor.root)


def test_a_bundle_of_an_issuing_key_comes_back(server, vendor):
    assert read(server.bundle_file(), vendor) == server.bundle()


def test_a_bundle_tells_why_a_license_is_revoked(server, vendor):
    bundle = read(server.bundle_file(), vendor)
    assert bundle.reason_of(OLDER_ID) is RevocationReason.SUPERSEDED
    assert bundle.reason_of(LICENSE_ID) is None


def test_a_bundle_of_a_root_revokes_keys_from_their_time_on(server, vendor):
    stolen, later = Vendor(root=vendor.root), Vendor(root=vendor.root)
    revoked = {stolen.kid: NOW - timedelta(hours=1), later.kid: NOW + timedelta(hours=1)}
    bundle = read(by_root(server.bundle(revoked_keys=revoked), vendor), vendor)
    assert bundle == server.bundle(revoked_keys=revoked, signed_by_root=True)
    keys = vendor.keys.with_bundle(bundle)
    assert verify(stolen.file(), keys=vendor.keys, now=NOW).seats == 50
    with pytest.raises(RevokedKeyError):
        verify(stolen.file(), keys=keys, now=NOW)
    assert verify(later.file(), keys=keys, now=NOW).seats == 50
    with pytest.raises(RevokedKeyError):
        verify(later.file(), keys=keys, now=NOW + timedelta(hours=1))
    assert verify(vendor.file(), keys=keys, now=NOW).seats == 50


def test_keys_that_an_issuing_key_revokes_are_not_heeded(vendor):
    successor = Vendor(root=vendor.root)
    signed = jws(
        {"alg": "EdDSA", "kid": vendor.kid, "typ": REVOCATIONS},
        claims(keys=[{"kid": successor.kid, "at": 0}]),
        vendor.issuing,
    )
    bundle = read(signed + b"\n" + vendor.certificate.encode(), vendor)
    assert not bundle.revoked_keys
    assert not bundle.signed_by_root
    assert verify(successor.file(), keys=vendor.keys.with_bundle(bundle), now=NOW).seats == 50


def test_no_issuing_key_is_made_to_revoke_keys(server):
    with pytest.raises(SigningError, match="Only a root key"):
        server.bundle_file(revoked_keys={server.vendor.kid: NOW})


def test_a_key_once_revoked_stays_so_from_the_earliest_time(server, vendor):
    hour = timedelta(hours=1)
    keys = TrustedKeys(roots=vendor.keys.roots, revoked={"a": NOW, "b": NOW, "c": NOW})
    assert keys.with_bundle(server.bundle(revoked_keys={"a": NOW - hour, "b": NOW + hour, "d": NOW})).revoked == {
        "a": NOW - hour,
        "b": NOW,
        "c": NOW,
        "d": NOW,
    }
    assert keys.with_bundle(server.bundle()).revoked == keys.revoked


def test_an_older_bundle_is_refused_and_the_same_is_not(server, vendor):
    data = server.bundle_file(seq=7)
    for newest in (None, 1, 6, 7):
        assert read(data, vendor, newest=newest).seq == 7
    with pytest.raises(StaleBundleError) as caught:
        read(data, vendor, newest=8)
    assert caught.value.code == "stale_bundle"
    assert caught.value.message == "Revocation bundle number 7 is older than number 8, which is known. Fetch a newer."


def test_a_stolen_issuing_key_cannot_shut_out_the_roots_bundle(server, vendor):
    last = 2**31 - 1
    stolen = read(server.bundle_file(seq=last), vendor, newest=6)
    answer = by_root(server.bundle(seq=1, revoked_keys={vendor.kid: NOW}), vendor)
    assert read(answer, vendor, newest=stolen.seq, newest_by_root=None).revoked_keys == {vendor.kid: NOW}
    with pytest.raises(StaleBundleError):
        read(answer, vendor, newest=stolen.seq, newest_by_root=2)
    with pytest.raises(StaleBundleError):
        read(answer, vendor, newest=stolen.seq)  # one series for both


def test_the_numbers_of_the_roots_do_not_age_those_of_issuing_keys(server, vendor):
    assert read(server.bundle_file(seq=3), vendor, newest=2, newest_by_root=9).seq == 3


def test_a_bundle_is_for_its_product_or_for_all(server, vendor):
    assert read(server.bundle_file(product=None), vendor).product is None
    assert read(server.bundle_file(), vendor, product=None).product == PRODUCT
    with pytest.raises(WrongProductError):
        read(server.bundle_file(), vendor, product="messaging-edition")


def test_a_key_certified_for_one_product_speaks_for_no_other_and_not_for_all(server, vendor):
    certificate = vendor.certify(product=PRODUCT)
    for product in ("messaging-edition", None):
        with pytest.raises(SigningError, match=f"is for {PRODUCT} only"):
            sign_bundle(server.bundle(product=product), vendor.signer, vendor.kid, certificate)
    signed = jws({"alg": "EdDSA", "kid": vendor.kid, "typ": REVOCATIONS}, claims(), vendor.issuing)
    with pytest.raises(WrongProductError):
        read(signed + b"\n" + certificate.encode(), vendor)


def test_a_key_speaks_only_within_its_span(server, vendor):
    with pytest.raises(SigningError, match="not certified at its issue"):
        server.bundle_file(issued_at=NOW + timedelta(days=335))


def test_a_bundle_by_a_withdrawn_key_is_refused(server, vendor):
    for kid in (vendor.kid, vendor.root_kid):
        keys = TrustedKeys(roots=vendor.keys.roots, revoked={kid: NOW})
        with pytest.raises(RevokedKeyError):
            read(server.bundle_file(), vendor, keys=keys)
    with pytest.raises(RevokedKeyError):
        read(by_root(server.bundle(), vendor), vendor, keys=keys)


def test_a_bundle_of_an_unknown_root_is_refused(server, vendor):
    stranger = Server(vendor=Vendor())
    with pytest.raises(UnknownKeyError):
        read(stranger.bundle_file(), vendor)
    with pytest.raises(UnknownKeyError):
        read(by_root(server.bundle(), stranger.vendor), vendor)
    own = server.bundle_file().splitlines()[0] + b"\n" + Vendor(root=vendor.root).certificate.encode()
    with pytest.raises(UnknownKeyError, match="certificate of another key"):
        read(own, vendor)


def test_a_changed_bundle_is_refused(vendor):
    header = {"alg": "EdDSA", "kid": vendor.root_kid, "typ": REVOCATIONS}
    with pytest.raises(BadSignatureError):
        read(jws(header, claims(), vendor.issuing), vendor)


def test_an_issuing_key_alone_is_no_root(server, vendor):
    with pytest.raises(UnknownKeyError):
        read(server.bundle_file().splitlines()[0], vendor)


def test_other_artifacts_are_of_the_wrong_kind(server, vendor):
    for data in (vendor.file(), server.activation_file(), server.report_file(), server.request_file()):
        with pytest.raises(WrongKindError):
            read(data, vendor)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"seq": 0}, "seq"),
        ({"seq": 2**31}, "seq"),
        ({"seq": 1.0}, "seq"),
        ({"seq": True}, "seq"),
        ({"iat": "now"}, "iat"),
        ({"iss": ""}, "iss"),
        ({"aud": ["a"]}, "aud"),
        ({"licenses": None}, "licenses"),
        ({"licenses": {}}, "licenses"),
        ({"licenses": ["x"]}, "licenses"),
        ({"licenses": [{}]}, "licenses.jti"),
        ({"licenses": [{"jti": OLDER_ID, "at": 1, "reason": "other"}]}, "licenses.reason"),
        ({"licenses": [{"jti": OLDER_ID, "at": 1, "reason": []}]}, "licenses.reason"),
        ({"licenses": [{"jti": OLDER_ID, "at": -1, "reason": "refunded"}]}, "licenses.at"),
        ({"licenses": [{"jti": OLDER_ID, "at": seconds(NOW) + 1, "reason": "refunded"}]}, "licenses.at"),
        ({"licenses": [{"jti": OLDER_ID, "at": 1, "reason": "refunded"}] * 2}, "licenses"),
        ({"keys": [{"kid": "x", "at": 1}]}, "keys.kid"),
        ({"keys": [{"kid": "A" * 43}]}, "keys.at"),
        ({"keys": [{"kid": "A" * 43, "at": 1}] * 2}, "keys"),
    ],
)
def test_claims_out_of_range_are_named(vendor, changes, wrong):
    with pytest.raises(MalformedError) as caught:
        read(line(vendor, **changes), vendor)
    assert caught.value.message.startswith(f"The revocation bundle says {wrong} wrongly: ")
    assert caught.value.message.endswith(" Fetch it again from the vendor.")


@pytest.mark.parametrize("name", ["iss", "iat", "seq", "licenses", "keys"])
def test_every_claim_but_the_product_is_mandatory(vendor, name):
    said = {key: value for key, value in claims().items() if key != name}
    header = {"alg": "EdDSA", "kid": vendor.root_kid, "typ": REVOCATIONS}
    with pytest.raises(MalformedError, match=f"says {name} wrongly: it is missing"):
        read(jws(header, said, vendor.root), vendor)


@pytest.mark.parametrize("version", [2, 1.0, True, None])
def test_a_later_version_is_of_another_kind(vendor, version):
    with pytest.raises(WrongKindError, match="later version"):
        read(line(vendor, v=version), vendor)


def test_a_key_may_be_revoked_ahead_of_time_and_a_license_not(server, vendor):
    ahead = server.bundle().issued_at + timedelta(seconds=1)
    assert read(by_root(server.bundle(revoked_keys={vendor.kid: ahead}), vendor), vendor).revoked_keys == {
        vendor.kid: ahead
    }
    revoked = {OLDER_ID: RevokedLicense(at=ahead, reason=RevocationReason.REFUNDED)}
    with pytest.raises(SigningError, match="revoked after the bundle was made"):
        server.bundle_file(revoked_licenses=revoked)


def test_a_bundle_holds_tens_of_thousands_of_licenses_and_is_bounded(server, vendor):
    def bundle(number):
        revoked = RevokedLicense(at=NOW - timedelta(days=1), reason=RevocationReason.KEY_COMPROMISED)
        return server.bundle(revoked_licenses={identity(count): revoked for count in range(number)})

    data = sign_bundle(bundle(50_000), vendor.signer, vendor.kid, vendor.certificate)
    assert read(data, vendor).reason_of(identity(49_999)) is RevocationReason.KEY_COMPROMISED
    with pytest.raises(SigningError, match="Leave some out"):
        sign_bundle(bundle(100_000), vendor.signer, vendor.kid, vendor.certificate)
    with pytest.raises(MalformedError, match="is longer than"):
        read(b"A" * (MAX_BUNDLE_BYTES + 1), vendor)


def test_three_lines_are_refused_and_crlf_is_read(server, vendor):
    data = server.bundle_file()
    assert read(data.replace(b"\n", b"\r\n"), vendor) == server.bundle()
    with pytest.raises(MalformedError, match="more than its 2 lines"):
        read(data + b"\n", vendor)


def test_times_are_signed_as_whole_seconds_of_any_zone(server, vendor):
    fraction = timedelta(microseconds=5)
    revoked = {OLDER_ID: RevokedLicense(at=NOW - timedelta(days=1) + fraction, reason=RevocationReason.SUPERSEDED)}
    elsewhere = server.bundle().issued_at.astimezone(timezone(timedelta(hours=5))) + fraction
    assert read(server.bundle_file(issued_at=elsewhere, revoked_licenses=revoked), vendor) == server.bundle()
    with pytest.raises(ValueError, match="without a zone"):
        server.bundle_file(issued_at=datetime(2026, 11, 24))  # noqa: DTZ001  # that it is naive is the point


def test_a_signer_that_holds_another_key_is_found_out(server, vendor):
    class Wrong:
        def sign(self, kid, data):
            return Vendor().issuing.sign(data)

    with pytest.raises(SigningError, match="would be refused"):
        sign_bundle(server.bundle(), Wrong(), vendor.kid, vendor.certificate)
    with pytest.raises(SigningError, match="The certificate is of the key"):
        sign_bundle(server.bundle(), vendor.signer, thumbprint(Vendor().issuing.public_key()), vendor.certificate)


def test_a_bundle_cannot_be_changed(server):
    bundle = server.bundle()
    assert isinstance(bundle, RevocationBundle)
    with pytest.raises(TypeError):
        bundle.revoked_licenses[LICENSE_ID] = RevokedLicense(at=datetime.now(UTC), reason=RevocationReason.WITHDRAWN)
