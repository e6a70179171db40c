from datetime import timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from artifacts import ACTIVATION, DEPLOYMENT, Server, identity
from forge import LICENSE_ID, NOW, PRODUCT, Vendor, jws, make_license, seconds
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
    sign_mattermost,
    to_jwk,
)
from keywright_license.activation import (
    CLOCK_AHEAD,
    REQUEST_MAX_AGE,
    DeploymentKind,
    check_belongs,
    kid_of_release,
    license_digest,
    read_activation,
    read_release,
    read_request,
    sign_activation,
    sign_release,
    sign_request,
)
from keywright_license.errors import StaleRequestError, WrongDeploymentError

REQUEST_TYP, RELEASE_TYP = "keywright-activation-request+jwt", "keywright-release+jwt"
IDENTITY_POINT = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def server(vendor):
    return Server(vendor=vendor)


def answer(data, vendor, **changes):
    said = {"keys": vendor.keys, "product": PRODUCT, "now": NOW}
    return read_activation(data, **(said | changes))


def request_claims(server, **changes):
    return {
        "v": 1,
        "jti": identity(2),
        "iat": seconds(NOW),
        "aud": PRODUCT,
        "license": {"jti": LICENSE_ID, "sha256": "A" * 43},
        "deployment": DEPLOYMENT,
        "kind": "production",
        "key": to_jwk(server.key.public_key()),
    } | changes


def request_line(server, *, kid=None, key=None, **changes):
    header = {"alg": "EdDSA", "kid": kid or server.kid, "typ": REQUEST_TYP}
    return jws(header, request_claims(server, **changes), key or server.key)


@pytest.mark.parametrize(
    "changes", [{}, {"kind": DeploymentKind.NON_PRODUCTION}, {"name": None, "version": None}, {"name": "Büro"}]
)
def test_a_request_comes_back(server, changes):
    assert read_request(server.request_file(**changes), now=NOW) == server.request(**changes)


def test_a_request_is_signed_by_the_key_that_it_holds(server):
    other = Ed25519PrivateKey.generate()
    with pytest.raises(BadSignatureError):
        read_request(request_line(server, key=other), now=NOW)
    with pytest.raises(MalformedError, match="names another key than it holds"):
        read_request(request_line(server, kid=Server().kid), now=NOW)
    with pytest.raises(SigningError, match="holds another key"):
        sign_request(server.request(), other)


@pytest.mark.parametrize(
    "key",
    [
        None,
        "x",
        {},
        {"kty": "OKP", "crv": "Ed25519", "x": 1},
        {"kty": "OKP", "crv": "Ed25519", "x": "Å"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": IDENTITY_POINT},
        {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "d": "A" * 43},
    ],
)
def test_a_key_that_proves_nothing_is_refused_before_its_signature_is_looked_at(server, key):
    header = {"alg": "EdDSA", "kid": server.kid, "typ": REQUEST_TYP}
    with pytest.raises(MalformedError, match="activation request holds"):
        read_request(jws(header, request_claims(server, key=key), lambda _: bytes(64)), now=NOW)


def test_a_request_grows_old(server):
    data = server.request_file()
    made = server.request().issued_at
    assert read_request(data, now=made + REQUEST_MAX_AGE).issued_at == made
    assert read_request(data, now=made - CLOCK_AHEAD).issued_at == made
    for now in (made + REQUEST_MAX_AGE + timedelta(seconds=1), made - CLOCK_AHEAD - timedelta(seconds=1)):
        with pytest.raises(StaleRequestError, match="Check that clock") as caught:
            read_request(data, now=now)
        assert caught.value.code == "stale_request"


def test_who_asks_online_may_want_it_fresher(server):
    data, made = server.request_file(), server.request().issued_at
    ten = timedelta(minutes=10)
    assert read_request(data, now=made + ten, max_age=ten).issued_at == made
    with pytest.raises(StaleRequestError):
        read_request(data, now=made + ten + timedelta(seconds=1), max_age=ten)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"jti": "x"}, "jti"),
        ({"iat": 1.5}, "iat"),
        ({"aud": ""}, "aud"),
        ({"license": "x"}, "license"),
        ({"license": {"jti": LICENSE_ID}}, "license.sha256"),
        ({"license": {"sha256": "A" * 43}}, "license.jti"),
        ({"license": {"jti": LICENSE_ID, "sha256": "A" * 42 + "B"}}, "license.sha256"),
        ({"deployment": 5}, "deployment"),
        ({"kind": "spare"}, "kind"),
        ({"kind": []}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"version": None}, "version"),
    ],
)
def test_claims_of_a_request_that_are_out_of_range_are_named(server, changes, wrong):
    with pytest.raises(MalformedError) as caught:
        read_request(request_line(server, **changes), now=NOW)
    assert caught.value.message.startswith(f"The activation request says {wrong} wrongly: ")
    assert caught.value.message.endswith(" Make a new one on the server that is to be activated.")


@pytest.mark.parametrize("name", ["jti", "iat", "aud", "license", "deployment", "kind"])
def test_a_request_lacks_nothing(server, name):
    said = {key: value for key, value in request_claims(server).items() if key != name}
    with pytest.raises(MalformedError, match=f"says {name} wrongly: it is missing"):
        read_request(jws({"alg": "EdDSA", "kid": server.kid, "typ": REQUEST_TYP}, said, server.key), now=NOW)


def test_no_request_is_made_that_would_be_refused(server):
    for changes in ({"name": "a\0b"}, {"deployment": "server-1"}, {"license_sha256": "abc"}):
        with pytest.raises(SigningError, match="Such a request would be refused"):
            server.request_file(**changes)


def test_requests_that_cannot_be_read_say_so(server):
    for data in (b"", b"x", b"a.b.c", server.request_file()[:-2], b"\xff" * 99, b"." * 70_000):
        with pytest.raises(MalformedError, match="The activation request is"):
            read_request(data, now=NOW)
    with pytest.raises(MalformedError, match="more than its one line"):
        read_request(server.request_file() * 2, now=NOW)
    for typ in (RELEASE_TYP, "JWT"):
        with pytest.raises(WrongKindError):
            read_request(jws({"alg": "EdDSA", "kid": server.kid, "typ": typ}, {}, server.key), now=NOW)


def test_an_answer_comes_back_and_belongs_to_its_server(server, vendor):
    activation = answer(server.activation_file(), vendor)
    assert activation == server.activation()
    check_belongs(activation, subscription="sub-0001", deployment=DEPLOYMENT, key=server.key.public_key())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subscription": "sub-0002"}, "of the subscription sub-0001, the license of sub-0002"),
        ({"deployment": identity(9)}, "given to another server"),
        ({"key": Ed25519PrivateKey.generate().public_key()}, "given to another server"),
    ],
)
def test_an_answer_of_another_server_or_subscription_is_refused(server, changes, words):
    said = {"subscription": "sub-0001", "deployment": DEPLOYMENT, "key": server.key.public_key()}
    with pytest.raises(WrongDeploymentError, match=words) as caught:
        check_belongs(server.activation(), **(said | changes))
    assert caught.value.code == "wrong_deployment"


def test_an_answer_is_vouched_for_by_a_root(server, vendor):
    with pytest.raises(UnknownKeyError):
        answer(Server().activation_file(), vendor)
    alone = sign_activation(
        server.activation(), signer=vendor.signer, kid=vendor.kid, certificate=vendor.certificate
    ).splitlines()[0]
    with pytest.raises(MalformedError, match="lacks its second line, the certificate"):
        answer(alone, vendor)
    with pytest.raises(RevokedKeyError):
        answer(server.activation_file(), vendor, keys=TrustedKeys(roots=vendor.keys.roots, revoked={vendor.kid: NOW}))
    damaged = server.activation_file().replace(
        vendor.certificate.encode(), Vendor(root=vendor.root).certificate.encode()
    )
    with pytest.raises(UnknownKeyError):
        answer(damaged, vendor)


def test_a_root_alone_gives_no_answer(server, vendor):
    with pytest.raises(MalformedError, match="lacks its second line"):
        answer(
            jws({"alg": "EdDSA", "kid": vendor.root_kid, "typ": "keywright-activation+jwt"}, {}, vendor.root), vendor
        )


def test_an_answer_is_for_its_product(server, vendor):
    with pytest.raises(WrongProductError):
        answer(server.activation_file(), vendor, product="messaging-edition")
    with pytest.raises(SigningError, match="is for messaging-edition only"):
        sign_activation(
            server.activation(),
            signer=vendor.signer,
            kid=vendor.kid,
            certificate=vendor.certify(product="messaging-edition"),
        )


def test_no_answer_is_made_that_would_be_refused(server):
    for changes in ({"key": "x"}, {"issuer": ""}, {"subscription": ""}, {"request": "1"}):
        with pytest.raises(SigningError, match="Such an activation would be refused"):
            server.activation_file(**changes)


def test_a_release_comes_back_and_says_whose_it_is(server):
    data = server.release_file()
    assert kid_of_release(data) == server.kid
    assert read_release(data, key=server.key.public_key()) == server.release()
    assert read_release(data, key=server.key.public_key()).activation == ACTIVATION


def test_a_release_is_signed_by_the_deployment(server):
    key = server.key.public_key()
    with pytest.raises(UnknownKeyError):
        read_release(sign_release(server.release(), Ed25519PrivateKey.generate()), key=key)
    header = {"alg": "EdDSA", "kid": server.kid, "typ": RELEASE_TYP}
    with pytest.raises(BadSignatureError):
        read_release(jws(header, {}, Ed25519PrivateKey.generate()), key=key)
    with pytest.raises(MalformedError, match="says jti wrongly: it is missing"):
        read_release(jws(header, {"v": 1}, server.key), key=key)
    with pytest.raises(SigningError, match="Such a release would be refused"):
        server.release_file(activation="x")


def test_times_are_signed_as_whole_seconds_of_any_zone(server, vendor):
    exact = server.request().issued_at
    moment = (exact + timedelta(milliseconds=900)).astimezone(timezone(timedelta(hours=-8)))
    assert read_request(server.request_file(issued_at=moment), now=NOW).issued_at == exact
    assert answer(server.activation_file(issued_at=moment), vendor).issued_at == exact
    assert read_release(server.release_file(issued_at=moment), key=server.key.public_key()).issued_at == exact


def test_the_digest_of_a_license_is_the_same_however_mail_treats_its_lines(vendor, rsa_key, rsa_kid):
    data = vendor.file()
    assert license_digest(data) == license_digest(data.rstrip(b"\n")) == license_digest(data.replace(b"\n", b"\r\n"))
    assert license_digest(data) != license_digest(Vendor().file())
    mattermost = sign_mattermost(make_license(), signer=KeySigner(rsa_key), kid=rsa_kid)
    broken = b"\r\n".join(mattermost[at : at + 64] for at in range(0, len(mattermost), 64))
    assert license_digest(mattermost) == license_digest(broken) == license_digest(broken + b"\n")


def test_the_digest_is_a_known_one():
    # printf 'a.b.c\nd.e.f' | openssl dgst -sha256 -binary | basenc --base64url
    assert license_digest(b"a.b.c\r\nd.e.f\r\n") == "ecDvI_EeuBhXH8d9iOHtwjI95GObfyefHUi_jkhRSXE"
