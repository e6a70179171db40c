"""A real OpenLDAP server for a test: on loopback, with a throw-away certificate, gone with the test."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from keywright_console.directory.ldap import Connection, Server

SUFFIX = "dc=example,dc=com"
PEOPLE = f"ou=people,{SUFFIX}"
ADMIN_DN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "only for tests"
READER_DN, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reads only"
MODIFY_REPLACE = "MODIFY_REPLACE"
STARTS_WITHIN = 20  # seconds
SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema")
MODULES = ("/usr/lib/ldap", "/usr/lib/openldap", "/usr/lib64/openldap")


def program() -> str:
    found = os.environ.get("KEYWRIGHT_SLAPD") or shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "No slapd: install OpenLDAP's, or name it in KEYWRIGHT_SLAPD."
    return found


class Certificates:
    """A certificate of this name alone, and its own authority."""

    def __init__(self, folder: Path, *, name: str = "localhost") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        self.certificate.write_text(self.pem)
        self.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


class Slapd:
    def __init__(self, folder: Path, certificates: Certificates) -> None:
        self.folder, self.certificates = folder, certificates
        self.port, self.tls_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def load(self, ldif: str) -> None:
        """Fill the database before the start; a hundred times quicker than asking the server."""
        (self.folder / "data").mkdir(parents=True)
        schema = next(path for path in SCHEMAS if Path(path).is_dir())
        module = next(path for path in MODULES if Path(path).is_dir())
        (self.folder / "slapd.conf").write_text(
            f"""
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {module}
moduleload back_mdb
TLSCertificateFile {self.certificates.certificate}
TLSCertificateKeyFile {self.certificates.key}
pidfile {self.folder}/slapd.pid
database mdb
maxsize 1073741824
suffix "{SUFFIX}"
rootdn "{ADMIN_DN}"
rootpw "{ADMIN_PASSWORD}"
directory {self.folder}/data
dbnosync
index objectClass eq
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""
        )
        (self.folder / "data.ldif").write_text(ldif)
        tool = Path(program()).with_name("slapadd")
        command = [
            tool if tool.exists() else program(),
            "-q",
            "-f",
            self.folder / "slapd.conf",
            "-l",
            self.folder / "data.ldif",
        ]
        if not tool.exists():
            command.insert(1, "-Tadd")
        subprocess.run(command, check=True, capture_output=True)

    def start(self) -> None:
        urls = f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port}"
        self.process = subprocess.Popen(
            [program(), "-d", "0", "-h", urls, "-f", self.folder / "slapd.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self.process.poll() is None, "slapd ended at once"
                assert time.monotonic() < until, "slapd didn't start"
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(STARTS_WITHIN)
            self.process = None

    @contextmanager
    def changing(self):
        """A connection that may change everything."""
        server = Server("127.0.0.1", port=self.port)
        link = Connection(server, ADMIN_DN, ADMIN_PASSWORD, auto_bind=True, raise_exceptions=True)
        try:
            yield link
        finally:
            link.unbind()

    def add(self, name: str, **changed: str) -> None:
        with self.changing() as link:
            link.add(f"uid={name},{PEOPLE}", ["inetOrgPerson"], person(name) | changed)

    def remove(self, name: str) -> None:
        with self.changing() as link:
            link.delete(f"uid={name},{PEOPLE}")

    def set(self, name: str, **changed: str | list[str]) -> None:
        with self.changing() as link:
            link.modify(f"uid={name},{PEOPLE}", {key: [(MODIFY_REPLACE, value)] for key, value in changed.items()})

    def rename(self, name: str, new: str) -> None:
        with self.changing() as link:
            link.modify_dn(f"uid={name},{PEOPLE}", f"uid={new}")


def person(name: str) -> dict[str, str]:
    return {"sn": name, "cn": name, "mail": f"{name}@brightwater.example", "userPassword": f"secret of {name}"}


def tree(names) -> str:
    """An LDIF with these people, one who reads, and what they stand under."""
    head = [
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n",
        f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n",
        f"dn: {READER_DN}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n",
    ]
    head[-1] += f"cn: reader\nuserPassword: {READER_PASSWORD}\n"
    for name in names:
        lines = "\n".join(f"{key}: {value}" for key, value in person(name).items())
        head.append(f"dn: uid={name},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {name}\n{lines}\n")
    return "\n".join(head)


@contextmanager
def running(folder: Path, certificates: Certificates, *, names=()):
    server = Slapd(folder, certificates)
    server.load(tree(names))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((str(ipaddress.IPv4Address("127.0.0.1")), 0))
        return int(probe.getsockname()[1])
