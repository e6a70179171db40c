"""What the tests of the deployment do over and over."""

from keywright_console.deployment.services.activate import activate
from keywright_console.deployment.services.change_settings import allow
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from keywright_license import KeySigner
from keywright_license.revocations import RevocationBundle, RevocationReason, RevokedLicense, sign_bundle
from vendor import DAY, NOON, PRODUCT


def install(data, *, active_users=0, now=NOON):
    return apply_license(actor=SHELL, data=data, active_users=active_users, now=now)


def allow_all(now=NOON):
    allow(actor=SHELL, now=now, may_speak=True, fetches_licenses=True, fetches_revocations=True, sends_usage=True)


def activated(vendor, now=NOON, **claims):
    """A license in force, the portal allowed, and the place held."""
    license_ = vendor.license(**claims)
    install(vendor.file(license_), now=now)
    allow_all(now=now)
    return license_, activate(actor=SHELL, now=now)


def bundle(vendor, *, seq=1, revoked=(), keys=(), root=False, product=PRODUCT):
    made = RevocationBundle(
        issuer="Example Software",
        product=product,
        issued_at=NOON,
        seq=seq,
        revoked_licenses={one: RevokedLicense(at=NOON - DAY, reason=RevocationReason.REFUNDED) for one in revoked},
        revoked_keys=dict.fromkeys(keys, NOON - DAY),
    )
    if root:
        signer = KeySigner(vendor.root)
        return sign_bundle(made, signer, signer.kids[0], None)
    return sign_bundle(made, vendor.signer, vendor.issuing_kid, vendor.certificate)
