"""The look that the portal and the console share: theme, fonts, icons and components.

It is a Django app without models, urls or views. It knows no word of the business: what a page says, counts or
offers, the page hands over. `docs/adr/0005-a-package-for-the-look.md` says why it is a package of its own.
"""

from keywright_look.brand import BrandColourError, PlainColours, brand_css, plain_colours

__all__ = ["BrandColourError", "PlainColours", "brand_css", "plain_colours"]
