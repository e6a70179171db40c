from __future__ import annotations

import pytest
from small_catalog import read, write_texts

from keywright_portal.catalog.errors import CatalogFileError
from keywright_portal.catalog.models import PolicyKind


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("terms.md", b"\xff\xfe", "policies.terms.file names 'texts/terms.md', which is no UTF-8 text."),
        ("terms.md", b"x" * 262_145, "policies.terms.file names 'texts/terms.md', which has more than 262144 bytes."),
        (
            "terms.md",
            b" \n",
            "policies.terms.file is empty; write something, or leave the key out where it may be missing.",
        ),
    ],
)
def test_the_text_of_a_policy_is_readable_text_of_a_sane_size(folder, name, content, sentence):
    (folder / "texts" / name).write_bytes(content)

    with pytest.raises(CatalogFileError) as caught:
        read(folder)

    assert str(caught.value) == sentence


def test_policies_come_with_their_texts(folder):
    write_texts(folder, terms="# Terms\r\n\r\nPay.\n")

    terms, privacy = read(folder).policies

    assert (terms.kind, terms.version, terms.text) == (PolicyKind.TERMS, "2026-01", "# Terms\n\nPay.")
    assert (privacy.kind, privacy.version, privacy.text) == (PolicyKind.PRIVACY, "2026-01", "The policy.")
