"""The keys that sign licenses, and what became of them: bundles of what is revoked, licenses issued anew.

Keys are changed on the command line alone: who may do that has the machine, and needs no web page to be tricked into.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.links import link
from keywright_portal.backoffice.page import NEWEST, Group, Page
from keywright_portal.backoffice.showing import Table, code, column, license_id, table
from keywright_portal.licensing.models import LicenseFile, Reissue, RevocationBundle, RootKey, SigningKey


def _key(row: SigningKey | RootKey) -> SafeString | str:
    return code(row.kid)


CAPTION: Final = 12
"""Letters of a key in a headline: enough to tell keys apart, and it fits a phone. The whole stands below."""


def _caption(row: SigningKey | RootKey) -> str:
    return f"{row.kid[:CAPTION]}…"


def _state(row: SigningKey) -> str:
    return row.get_state_display()


def _product(row: SigningKey | RevocationBundle) -> str:
    return row.product or _("Every product")


def _longest_term(row: SigningKey) -> str | None:
    if row.longest_term is None:
        return None
    return _("%(days)s days") % {"days": timedelta(seconds=row.longest_term).days}


def _root(row: SigningKey) -> SafeString | str | None:
    return link(RootKey, row.root_kid, code(row.root_kid)) if row.root_kid else None


class SigningKeyPage(Page[SigningKey]):
    name = _l("Signing key")
    name_plural = _l("Signing keys")
    group = Group.LICENSES
    id_fields = ()
    list_display = (
        column(_l("Key"), _key, order="kid"),
        column(_l("Algorithm"), "algorithm", order="algorithm"),
        column(_l("State"), _state, order="state"),
        column(_l("Signs for"), _product, order="product"),
        column(_l("May sign until"), "valid_until", order="valid_until"),
        column(_l("Made"), "created_at", order="created_at"),
    )
    facts = (
        *list_display,
        column(_l("May sign from"), "valid_from"),
        column(_l("Longest license"), _longest_term),
        column(_l("Certified by"), _root),
        column(_l("Signs since"), "activated_at"),
        column(_l("Retired"), "retired_at"),
        column(_l("Revoked"), "revoked_at"),
        column(_l("Public key"), "public_jwk"),
    )
    search_fields = ("kid", "product")
    ordering = ("-created_at",)

    def caption(self, row: SigningKey) -> str:
        return _caption(row)

    def tables(self, row: SigningKey) -> Sequence[Table]:
        files = LicenseFile.objects.filter(kid=row.kid).defer("content").order_by("-issued_at", "-pk")[:NEWEST]
        runs = Reissue.objects.filter(kid=row.kid)
        return (
            table(
                _("Newest files that it signed"),
                (_("Id in the file"), _("Name"), _("Issued"), _("Superseded")),
                [
                    (
                        link(LicenseFile, one.pk, license_id(one.file_id)),
                        one.name,
                        one.issued_at,
                        one.superseded_at,
                    )
                    for one in files
                ],
            ),
            table(
                _("Issued anew"),
                (_("Run"), _("Licenses"), _("Begun"), _("Done")),
                [(link(Reissue, one.pk, one.pk), one.licenses, one.started_at, one.finished_at) for one in runs],
            ),
        )


class RootKeyPage(Page[RootKey]):
    name = _l("Root key")
    name_plural = _l("Root keys")
    group = Group.LICENSES
    id_fields = ()
    list_display = (
        column(_l("Key"), _key, order="kid"),
        column(_l("Made"), "created_at", order="created_at"),
        column(_l("Revoked"), "revoked_at", order="revoked_at"),
    )
    facts = (*list_display, column(_l("Public key"), "public_jwk"))
    search_fields = ("kid",)
    ordering = ("-created_at",)

    def caption(self, row: RootKey) -> str:
        return _caption(row)

    def tables(self, row: RootKey) -> Sequence[Table]:
        keys = SigningKey.objects.filter(root_kid=row.kid).order_by("-created_at", "pk")[:NEWEST]
        return (
            table(
                _("Newest keys that it certified"),
                (_("Key"), _("State"), _("May sign until")),
                [(link(SigningKey, one.kid, code(one.kid)), _state(one), one.valid_until) for one in keys],
            ),
        )


def _series(row: RevocationBundle) -> str:
    return row.get_series_display()


def _signed_by(row: RevocationBundle) -> SafeString | str:
    return link(RootKey if row.series == "root" else SigningKey, row.kid, code(row.kid))


class RevocationBundlePage(Page[RevocationBundle]):
    name = _l("Revocation bundle")
    name_plural = _l("Revocation bundles")
    group = Group.LICENSES
    deferred = ("content",)
    list_display = (
        column(_l("Number"), "number", order="number"),
        column(_l("Signed by a key of kind"), _series, order="series"),
        column(_l("Product"), _product, order="product"),
        column(_l("Licenses"), "revoked_licenses", order="revoked_licenses"),
        column(_l("Keys"), "revoked_keys", order="revoked_keys"),
        column(_l("Issued"), "issued_at", order="issued_at"),
    )
    facts = (*list_display, column(_l("Signed by"), _signed_by), column(_l("Id"), "pk"))
    search_fields = ("product", "kid")
    ordering = ("-issued_at", "-number")

    def caption(self, row: RevocationBundle) -> str:
        return _("Number %(number)s") % {"number": row.number}


def _reissued_key(row: Reissue) -> SafeString | str:
    return link(SigningKey, row.kid, code(row.kid))


class ReissuePage(Page[Reissue]):
    name = _l("Licenses issued anew")
    name_plural = _l("Licenses issued anew")
    group = Group.LICENSES
    list_display = (
        column(_l("What this key signed"), _reissued_key, order="kid"),
        column(_l("Why"), "because", order="because"),
        column(_l("Licenses"), "licenses", order="licenses"),
        column(_l("Begun"), "started_at", order="started_at"),
        column(_l("Done"), "finished_at", order="finished_at"),
    )
    facts = (*list_display, column(_l("Customers are told"), "tells"), column(_l("Id"), "pk"))
    search_fields = ("kid", "because")
    ordering = ("-started_at",)
