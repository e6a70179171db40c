import pytest
from hypothesis import settings

from forge import Vendor
from keywright_license import generate_rsa, thumbprint


@pytest.fixture(scope="session")
def vendor():
    return Vendor()


@pytest.fixture(scope="session")
def rsa_key():
    return generate_rsa()


@pytest.fixture(scope="session")
def rsa_kid(rsa_key):
    return thumbprint(rsa_key.public_key())


# How long one example takes says more about a busy machine than about the code; bench/ measures.
settings.register_profile("keywright", deadline=None)
settings.load_profile("keywright")
