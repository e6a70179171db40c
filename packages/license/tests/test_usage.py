from datetime import timedelta, timezone
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from artifacts import DEPLOYMENT, Server, identity
from forge import LICENSE_ID, NOW, jws, seconds
from keywright_license import BadSignatureError, MalformedError, SigningError, UnknownKeyError, WrongKindError
from keywright_license.limits import MAX_EXPORT_BYTES, MAX_REPORTS
from keywright_license.usage import digest, kid_of_report, read_report, read_reports, sign_report

USAGE = "keywright-usage+jwt"


@pytest.fixture(scope="module")
def server(vendor):
    return Server(vendor=vendor)


def claims(**changes):
    return {
        "v": 1,
        "jti": identity(5),
        "iat": seconds(NOW),
        "sub": "sub-0001",
        "deployment": DEPLOYMENT,
        "license": LICENSE_ID,
        "seq": 2,
        "previous": "A" * 43,
        "active_users": 41,
        "deactivated_users": 6,
        "bots": 2,
        "peak_active_users": 44,
        "since": 0,
    } | changes


def line(server, said, *, key=None):
    return jws({"alg": "EdDSA", "kid": server.kid, "typ": USAGE}, said, key or server.key)


def chain(server, number):
    """An exported file of so many reports."""
    lines = []
    for seq in range(1, number + 1):
        previous = digest(lines[-1]) if lines else None
        lines.append(server.report_file(id=identity(seq), seq=seq, previous=previous))
    return b"".join(lines)


@pytest.mark.parametrize("changes", [{}, {"version": "11.1.0"}, {"seq": 2, "previous": "A" * 43}, {"bots": 0}])
def test_a_report_comes_back(server, changes):
    assert read_report(server.report_file(**changes), key=server.key.public_key()) == server.report(**changes)


def test_a_report_is_signed_by_the_deployment(server):
    key = server.key.public_key()
    assert kid_of_report(server.report_file()) == server.kid
    with pytest.raises(UnknownKeyError, match="another key than this deployment’s"):
        read_report(Server().report_file(), key=key)
    with pytest.raises(BadSignatureError):
        read_report(line(server, claims(), key=Ed25519PrivateKey.generate()), key=key)
    with pytest.raises(WrongKindError):
        read_report(server.release_file(), key=key)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"jti": ""}, "jti"),
        ({"iat": -1}, "iat"),
        ({"sub": ""}, "sub"),
        ({"deployment": "x"}, "deployment"),
        ({"license": "x"}, "license"),
        ({"seq": 0}, "seq"),
        ({"seq": 1}, "previous"),
        ({"previous": "A"}, "previous"),
        ({"previous": None}, "previous"),
        ({"active_users": -1}, "active_users"),
        ({"active_users": 45}, "peak_active_users"),
        ({"deactivated_users": 1.0}, "deactivated_users"),
        ({"bots": True}, "bots"),
        ({"peak_active_users": 2**31}, "peak_active_users"),
        ({"since": "x"}, "since"),
        ({"version": ""}, "version"),
    ],
)
def test_claims_out_of_range_are_named(server, changes, wrong):
    with pytest.raises(MalformedError) as caught:
        read_report(line(server, claims(**changes)), key=server.key.public_key())
    assert caught.value.message.startswith(f"The usage report says {wrong} wrongly: ")
    assert caught.value.message.endswith(" Send or export it again from the server that made it.")


@pytest.mark.parametrize("name", sorted(claims().keys() - {"v"}))
def test_a_report_lacks_nothing(server, name):
    said = {key: value for key, value in claims().items() if key != name}
    with pytest.raises(MalformedError, match=f"says {name} wrongly"):
        read_report(line(server, said), key=server.key.public_key())


def test_no_report_is_made_that_would_be_refused(server):
    for changes in ({"active_users": 45}, {"seq": 2}, {"previous": "A" * 43}, {"subscription": "a\tb"}):
        with pytest.raises(SigningError, match="Such a report would be refused"):
            server.report_file(**changes)


def test_times_are_signed_as_whole_seconds_of_any_zone(server):
    east = timezone(timedelta(hours=9))
    moment = (NOW + timedelta(milliseconds=1)).astimezone(east)
    report = read_report(server.report_file(issued_at=moment, since=moment), key=server.key.public_key())
    assert report.issued_at == report.since == NOW


def test_each_report_is_tied_to_the_exact_line_before(server):
    reports = read_reports(chain(server, 5), key=server.key.public_key())
    assert [signed.report.seq for signed in reports] == [1, 2, 3, 4, 5]
    for before, after in pairwise(reports):
        assert after.report.previous == digest(before.line)
    assert reports[0].report.previous is None


def test_a_digest_does_not_mind_the_lines_end():
    wanted = digest(b"a.b.c")
    assert wanted == digest("a.b.c") == digest(b"a.b.c\n") == digest(b"a.b.c\r\n")
    assert wanted != digest(b"a.b.c\n\n")
    # printf a.b.c | openssl dgst -sha256 -binary | basenc --base64url
    assert wanted == "hF4wRIgJ4ryJWOsCW_x5UjXROwd6U9DDq70jhRcNybg"


def test_a_file_is_one_deployments_and_bounded(server):
    key = server.key.public_key()
    data = chain(server, 2)
    assert read_reports(data.replace(b"\n", b"\r\n"), key=key) == read_reports(data, key=key)
    assert kid_of_report(data) == server.kid
    with pytest.raises(UnknownKeyError):
        read_reports(data + Server().report_file(), key=key)
    with pytest.raises(MalformedError, match=f"more than {MAX_REPORTS} reports"):
        read_reports(b"x\n" * (MAX_REPORTS + 1), key=key)
    with pytest.raises(MalformedError, match=f"longer than {MAX_EXPORT_BYTES} bytes"):
        kid_of_report(b"x" * (MAX_EXPORT_BYTES + 1))
    for empty in (b"", b"\n", data + b"\n"):
        with pytest.raises(MalformedError, match="is damaged, or is something else"):
            read_reports(empty, key=key)


def test_400_days_fit_into_one_file(server):
    data = chain(server, 400)
    assert len(data) < MAX_EXPORT_BYTES / 2
    assert len(read_reports(data, key=server.key.public_key())) == 400


def test_what_a_report_before_said_cannot_be_changed_afterwards(server):
    first = server.report_file()
    second = sign_report(server.report(seq=2, previous=digest(first)), server.key)
    rewritten = server.report_file(active_users=1)
    assert read_report(second, key=server.key.public_key()).previous != digest(rewritten)
