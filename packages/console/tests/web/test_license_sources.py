import pytest
from bad_files import tampered

from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from pages import apply_shown, text_of, upload
from vendor import NOON

PAGE = "/about/license/"


@pytest.fixture
def disk(settings, tmp_path):
    file = tmp_path / "acme.keywright-license"
    settings.KEYWRIGHT_CONSOLE_LICENSE_FILE = str(file)
    return file


def install(data):
    apply_license(actor=SHELL, data=data, active_users=0, now=NOON)


def page(client):
    return text_of(client.get(PAGE))


def test_the_order_is_told_also_without_any_license(as_admin):
    shown = page(as_admin)
    assert "Where licenses come from The first of these that has a license is used." in shown
    assert (
        "Environment No license KEYWRIGHT_CONSOLE_LICENSE Database No license File No license "
        "KEYWRIGHT_CONSOLE_LICENSE_FILE"
    ) in shown


def test_a_file_on_disk_is_ignored_in_words_while_the_database_has_one(as_admin, vendor, disk):
    install(vendor.file(seats=250))
    disk.write_bytes(vendor.file(seats=300))
    shown = page(as_admin)
    assert "Another license is here and isn’t used File" in shown
    assert (
        "Enterprise Edition E20, 300 seats. The database comes first. Apply this file with Add a license to use it, or "
        "remove the license in use."
    ) in shown
    assert "Database In use Enterprise Edition E20, 250 seats; applied from the command line" in shown
    assert str(disk) in shown


def test_of_a_file_on_disk_the_card_says_where_it_is_and_offers_no_removal(as_admin, vendor, disk):
    disk.write_bytes(vendor.file())
    shown = page(as_admin)
    assert f"Comes from File {disk}" in shown
    assert "Remove license…" not in shown
    assert "isn’t used" not in shown


def test_under_the_environments_license_a_preview_says_that_it_stays(as_admin, vendor, settings):
    settings.KEYWRIGHT_CONSOLE_LICENSE = vendor.file(seats=10).decode()
    assert "Comes from Environment KEYWRIGHT_CONSOLE_LICENSE" in page(as_admin)
    preview = text_of(upload(as_admin, vendor.file(seats=300)))
    assert "The environment’s license stays in use" in preview
    assert "replaces the license in use" not in preview
    apply_shown(as_admin, upload(as_admin, vendor.file(seats=300)))
    shown = page(as_admin)
    assert "The license is kept in the database. The environment’s license stays in use." in shown
    assert "The environment comes first. Unset KEYWRIGHT_CONSOLE_LICENSE on every node and restart" in shown
    assert "Database Not used Enterprise Edition E20, 300 seats" in shown


def test_a_source_that_cannot_be_read_says_why(as_admin, vendor, settings):
    install(vendor.file())
    settings.KEYWRIGHT_CONSOLE_LICENSE = tampered(vendor.file()).decode()
    shown = page(as_admin)
    assert "A license can’t be read Environment: KEYWRIGHT_CONSOLE_LICENSE . The file’s signature" in shown
    assert "Code: bad_signature" in shown
    assert "Enterprise Edition E20 In use" in shown


def test_links_to_the_portal_name_the_license_and_the_errand(as_admin, vendor):
    one = vendor.license(starts=NOON.replace(hour=0), days=40, seats=1)
    install(vendor.file(one))
    body = as_admin.get(PAGE).content.decode()
    assert f'href="https://portal.example/?license={one.id}&amp;for=renew"' in body
    assert f'href="https://portal.example/?license={one.id}&amp;for=seats"' in body
