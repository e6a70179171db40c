import pytest
from bad_files import BAD

from keywright_console.kit.actor import SHELL
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.errors import SENTENCES, RefusedLicenseError
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.note_refusal import note_refusal
from keywright_console.licensing.services.preview_license import preview_license
from vendor import NOON

ACTIVE_USERS = 2


def refuse(service, data):
    with pytest.raises(RefusedLicenseError) as caught:
        service(actor=SHELL, data=data, active_users=ACTIVE_USERS, now=NOON)
    return caught.value


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("service", [apply_license, preview_license])
def test_a_bad_file_is_refused_by_its_code_and_the_license_in_force_stays(db, vendor, stranger, service, name):
    code, make = BAD[name]
    good = vendor.license()
    apply_license(actor=SHELL, data=vendor.file(good), active_users=ACTIVE_USERS, now=NOON)
    error = refuse(service, make(vendor, stranger))
    assert error.code == code
    assert error.message.endswith((".", "!"))
    assert standing(now=NOON).in_force.license.id == good.id
    assert InstalledLicense.objects.count() == 1
    assert AuditRow.objects.count() == 1


def test_every_reason_has_a_sentence_of_its_own(db, vendor, stranger):
    sentences = {code: refuse(apply_license, make(vendor, stranger)).message for code, make in BAD.values()}
    assert len(set(sentences.values())) == len(sentences) == 9
    assert sentences["too_few_seats"] == (
        "This license has 1 seats and this server has 2 active users. Deactivate 1 of them, or get a license with more "
        "seats."
    )


def test_too_few_seats_are_said_before_expiry(db, vendor):
    data = vendor.file(seats=1, starts=NOON.replace(year=2020))
    assert refuse(apply_license, data).code == "too_few_seats"


def test_the_library_says_nothing_that_has_no_sentence_here():
    assert {
        "malformed",
        "bad_signature",
        "unknown_key",
        "revoked_key",
        "wrong_kind",
        "wrong_product",
        "expired",
    } <= set(SENTENCES)


def test_a_refusal_is_found_by_its_reference(db, vendor, stranger):
    error = refuse(apply_license, b"")
    note_refusal(actor=SHELL, data=b"", error=error, now=NOON, reference="r" * 26)
    row = AuditRow.objects.get(reference="r" * 26)
    assert (row.action, row.after) == ("license.refused", {"code": "empty"})
    assert row.subject == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
