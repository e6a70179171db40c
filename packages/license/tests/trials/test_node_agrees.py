"""Python and Node give every file the same verdict, and read the same license where they accept."""

from datetime import timedelta
from random import Random

from forge import ABSENT, NOW, Vendor, license_claims, seconds
from keywright_license import TrustedKeys
from node_verdicts import verdicts_of_node, verdicts_of_python
from trials.mutating import Keywright
from trials.sizes import size

FILES = size(1_500)
AT_ONCE = 5_000
"""One Node reads so many; their text stays within some 20 MB."""
ODD = (
    None, True, 0, -1, -0.0, 1.0, 1e300, 10**9, 2**31 - 1, 2**31, 2**53, 2**63, 10**40, "", "x", "a" * 500, "a" * 501,
    "😀" * 500, "é\x7f", "a\nb", [], [1], ["ldap"], ["ldap", "ldap"], ["LDAP"], {}, {"id": "x", "name": "y"}, ABSENT,
)  # fmt: skip
TEXTS = (
    b'{"v":1,"v":1}', b"[]", b"", b"{}", b'{"v":1.0}', b'{"a":{"b":1,"b":2},"v":1}', b'{"v":1,"x":NaN}', b'{"v":01}',
    b'{"v":1,"x":1e999}', b'{"v":1,"x":"\\ud800"}', b'{"v":1,"x":"\\ud83d\\ude00"}', b'{"v":1,"x":"\\u0000"}',
    b'{"v":1,"x":"a\tb"}', b'{"v":1,}', b' {"v":1} ', b'{"v":1}x', b'{"v":1,"x":' + b"[" * 15 + b"]" * 15 + b"}",
    b'{"v":1,"x":' + b"[" * 16 + b"]" * 16 + b"}", b'{"v":1,"x":' + b"9" * 4300 + b"}", b'{"v":1,"x":"\xff"}',
    b'{"v":1,"x":' + b"9" * 4301 + b"}", b'{"v":-0}', b'{"v":1,"x":-}', b'{"v":1,"x":"\\x"}', b'{"v":1,"x":1.}',
    b'{"v":1,"__proto__":{"a":1}}', b'{"v":2}', b'{"v":true}', b'{"v":1,"x":"\\u00"}', b"\xef\xbb\xbf{}",
)  # fmt: skip


def odd_claims(chance):
    """Signed by the vendor, with one or two claims that are odd, or not so odd."""
    said = license_claims()
    for _ in range(chance.choice((0, 1, 1, 2))):
        name = chance.choice((*said, "supersedes", "x", "org.id", "org.email", "plan.name", "deployments.production"))
        value = chance.choice(ODD)
        outer, _, inner = name.partition(".")
        if inner and isinstance(said.get(outer), dict):
            said[outer] = {**said[outer], inner: value} if value is not ABSENT else {}
        elif value is ABSENT:
            said.pop(name, None)
        else:
            said[name] = value
    return said


def files(vendor, sibling, number):
    chance = Random(20261124)
    made = Keywright(vendor.file(), sibling.file(license_claims(seats=7)), vendor)
    narrow = [
        vendor.certify(product="messaging-edition"),
        vendor.certify(valid_until=NOW - timedelta(days=2)),
        vendor.certify(longest_term=timedelta(days=100)),
        vendor.certificate,
        vendor.certificate,
    ]
    while number:
        match chance.randrange(4):
            case 0 | 1:
                data = made.mutate(chance)
            case 2:
                claims = odd_claims(chance)
                if "iat" in claims and chance.randrange(9) == 0:
                    claims["iat"] = seconds(NOW) + chance.choice((-(10**7), 10**8, 1))
                data = vendor.file(claims, certificate=chance.choice(narrow).encode())
            case _:
                text = chance.choice(TEXTS)
                certificate = None
                if chance.randrange(4) == 0:
                    certificate = vendor.certificate_line(text)
                data = vendor.file(text, certificate=certificate)
        if b"." in data:  # what has no full stop is of the other format, which the example for Node leaves out
            number -= 1
            yield data


def test_python_and_node_agree(vendor):
    sibling = Vendor(root=vendor.root)
    keys = TrustedKeys(roots=vendor.keys.roots)
    batch, accepted, refused = [], 0, 0
    for count, data in enumerate(files(vendor, sibling, FILES), start=1):
        batch.append(data)
        if len(batch) == AT_ONCE or count == FILES:
            python, node = verdicts_of_python(batch, keys=keys), verdicts_of_node(batch, roots=keys.roots)
            differing = [pair for pair in zip(batch, python, node, strict=True) if pair[1] != pair[2]]
            assert differing[:3] == []
            accepted += sum(isinstance(verdict, list) for verdict in python)
            refused += sum(isinstance(verdict, str) for verdict in python)
            batch.clear()
    assert accepted + refused == FILES
    assert accepted > FILES // 50
    assert refused > FILES // 2
