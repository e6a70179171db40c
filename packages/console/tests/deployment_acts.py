"""What the tests of the deployment do over and over."""

from keywright_console.deployment.services.activate import activate
from keywright_console.deployment.services.change_settings import allow
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from vendor import NOON


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
