"""Signing up: a user, the organization that buys, the membership between them, and what was agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from keywright_portal.accounts.errors import AddressTakenError
from keywright_portal.accounts.models import Membership, Organization, PolicyAgreement, Role, User
from keywright_portal.accounts.selectors import actor_of
from keywright_portal.accounts.slugs import slugs_for
from keywright_portal.kit import audit

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp:
    """What signing up made."""

    user: User
    organization: Organization


@transaction.atomic
def sign_up(
    *,
    name: str,
    email: str,
    password: str,
    organization_name: str,
    country: str,
    privacy_version: str,
    now: datetime,
) -> SignedUp:
    """Make all of it in one transaction, or nothing. The address is unconfirmed, and nobody is signed in.

    Two that come at the same moment with one address make one user: the unique column decides, not a look beforehand.
    Raises AddressTakenError for the other. `country` is an ISO 3166 code, which the caller checked as it did the rest.
    """
    user = _create_user(name=name, email=email, password=password, now=now)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    PolicyAgreement.objects.create(user=user, version=privacy_version, agreed_at=now)
    organization = _create_organization(name=organization_name, country=country, now=now)
    Membership.objects.create(user=user, organization=organization, role=Role.OWNER, created_at=now)
    audit.record(
        actor=actor_of(user_id=user.pk, organization_id=organization.pk, role=Role.OWNER),
        action="account.signed_up",
        subject=organization,
        subject_id=organization.pk,
        organization_id=organization.pk,
        now=now,
        after={"role": Role.OWNER.value, "country": country, "privacy_version": privacy_version},
    )
    return SignedUp(user=user, organization=organization)


def _create_user(*, name: str, email: str, password: str, now: datetime) -> User:
    try:
        # The inner transaction is a savepoint: after an error PostgreSQL refuses whatever follows without one.
        with transaction.atomic():
            return User.objects.create_user(email, password, name=name, joined_at=now)
    except IntegrityError as error:
        if not User.objects.filter(email=email.lower()).exists():
            raise
        message = _("There is an account with this email address. Log in, or reset the password.")
        raise AddressTakenError(message, field="email") from error


def _create_organization(*, name: str, country: str, now: datetime) -> Organization:
    """An organization under the first slug that is free, however many ask for the same at the same moment."""
    for slug in slugs_for(name):
        try:
            with transaction.atomic():
                return Organization.objects.create(slug=slug, name=name, country=country, created_at=now)
        except IntegrityError:
            if not Organization.objects.filter(slug=slug).exists():
                raise
    raise AssertionError("the candidates have no end")
