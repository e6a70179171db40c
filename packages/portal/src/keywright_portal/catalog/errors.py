"""What can go wrong with the catalog. The first half is read by buyers, the second by who runs the portal."""

from __future__ import annotations

from keywright_portal.kit.errors import KeywrightError


class NoLongerSoldError(KeywrightError):
    """A plan or an add-on was withdrawn, or has no price in the currency that is asked for."""

    code = "no_longer_sold"


class AddOnNotOfferedError(KeywrightError):
    """The add-on exists, and isn't offered with this plan."""

    code = "add_on_not_offered"


class CouponError(KeywrightError):
    """There is no such coupon, or it can't be used for this: the sentence says why."""

    code = "coupon"


class NoCatalogError(KeywrightError):
    """No catalog was applied yet: there is no vendor and nothing to sell."""

    code = "no_catalog"


class CatalogFileError(KeywrightError):
    """The catalog file, or a file that it names, isn't as it must be. `field` is the place in the file."""

    code = "catalog_file"


class PolicyRefusedError(KeywrightError):
    """The file would change, or go back to, a version of a policy that people may have agreed to."""

    code = "policy_refused"
