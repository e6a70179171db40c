"""Where the demo runs and what it keeps: folder, ports, secrets, and the environment of each of its processes."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
HOST = "127.0.0.1"
PORTS = {"KEYWRIGHT_PORTAL_PORT": 8000, "KEYWRIGHT_CONSOLE_PORT": 8065, "KEYWRIGHT_SIMULATOR_PORT": 12111}
PRODUCT = "enterprise-edition"
ADMIN = "sysadmin"
ADMIN_EMAIL = "sysadmin@chat.example"
STAFF_EMAIL = "staff@example-software.example"


class DemoError(Exception):
    """Why the demo can't start, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One demo. Two with different folders and ports run side by side."""

    folder: Path
    portal_port: int
    console_port: int
    simulator_port: int
    secrets: dict[str, str]

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.portal_port}"

    @property
    def console_url(self) -> str:
        return f"http://{HOST}:{self.console_port}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def trusted_keys(self) -> Path:
        """The public keys that the licensed product pins."""
        return self.folder / "trusted-keys.json"

    def portal_environment(self) -> dict[str, str]:
        return {
            **base_environment(),
            "DJANGO_SETTINGS_MODULE": "keywright_portal.config.settings",
            "KEYWRIGHT_SECRET_KEY": self.secrets["portal_secret_key"],
            "KEYWRIGHT_DATABASE_URL": f"sqlite:///{self.folder / 'portal.sqlite3'}",
            "KEYWRIGHT_PORTAL_URL": self.portal_url,
            "KEYWRIGHT_STRIPE_SECRET_KEY": self.secrets["stripe_secret_key"],
            "KEYWRIGHT_STRIPE_PUBLISHABLE_KEY": self.secrets["stripe_publishable_key"],
            "KEYWRIGHT_STRIPE_WEBHOOK_SECRET": self.secrets["stripe_webhook_secret"],
            "KEYWRIGHT_STRIPE_API_URL": self.simulator_url,
            "KEYWRIGHT_STRIPE_JS_URL": f"{self.simulator_url}/v3/",
            "KEYWRIGHT_KEYS_DIR": str(self.folder / "keys"),
            "KEYWRIGHT_KEYS_PASSPHRASE": self.secrets["keys_passphrase"],
            "KEYWRIGHT_EMAIL_BACKEND": "keywright_portal.web.mailbox.MailboxBackend",
            "KEYWRIGHT_STATIC_FROM_PACKAGES": "1",
            "KEYWRIGHT_DEMO_DIR": str(self.folder),
            "KEYWRIGHT_CLOCK_FILE": str(self.folder / "clock-offset"),
        }

    def console_environment(self) -> dict[str, str]:
        return {
            **base_environment(),
            "DJANGO_SETTINGS_MODULE": "keywright_console.config.settings",
            "KEYWRIGHT_CONSOLE_SECRET_KEY": self.secrets["console_secret_key"],
            "KEYWRIGHT_CONSOLE_DATABASE_URL": f"sqlite:///{self.folder / 'console.sqlite3'}",
            "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": str(self.trusted_keys),
            "KEYWRIGHT_CONSOLE_PRODUCT": PRODUCT,
            "KEYWRIGHT_CONSOLE_URL": self.console_url,
            "KEYWRIGHT_CONSOLE_PORTAL_URL": self.portal_url,
            "KEYWRIGHT_CONSOLE_INSECURE_COOKIES": "1",
            "KEYWRIGHT_CLOCK_FILE": str(self.folder / "clock-offset"),
        }


def base_environment() -> dict[str, str]:
    """Ours without anything that was meant for another installation of Keywright."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KEYWRIGHT_", "DJANGO_"))}


def find_place() -> Place:
    """The place that the environment names. Raises DemoError for a port that is no port, or taken."""
    ports = {name: _port(name, default) for name, default in PORTS.items()}
    if len(set(ports.values())) < len(ports):
        raise DemoError("Two of " + ", ".join(PORTS) + " name the same port. Give each its own.")
    for name, port in ports.items():
        if _is_taken(port):
            raise DemoError(
                f"Port {port} is taken by another program. Stop that, or choose another: {name}={port + 100} make demo"
            )
    folder = Path(os.environ.get("KEYWRIGHT_DEMO_DIR") or ROOT / ".demo").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Place(
        folder=folder,
        portal_port=ports["KEYWRIGHT_PORTAL_PORT"],
        console_port=ports["KEYWRIGHT_CONSOLE_PORT"],
        simulator_port=ports["KEYWRIGHT_SIMULATOR_PORT"],
        secrets=_secrets(folder / "secrets.json"),
    )


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise DemoError(f"{name} is {text!r}; it takes a port from 1 to 65535.")
    return int(text)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _secrets(file: Path) -> dict[str, str]:
    """Made at the first start, kept after that: a session or a key from yesterday still works."""
    if not file.exists():
        made = {
            "portal_secret_key": secrets.token_urlsafe(48),
            "console_secret_key": secrets.token_urlsafe(48),
            "stripe_secret_key": f"sk_test_{secrets.token_hex(12)}",
            "stripe_publishable_key": f"pk_test_{secrets.token_hex(12)}",
            "stripe_webhook_secret": f"whsec_{secrets.token_hex(16)}",
            "keys_passphrase": secrets.token_urlsafe(24),
            "sysadmin_password": f"demo-{secrets.token_hex(3)}-{secrets.token_hex(3)}",
            "staff_password": f"demo-{secrets.token_hex(3)}-{secrets.token_hex(3)}",
        }
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(made, indent=2))
        fresh.chmod(0o600)
        fresh.rename(file)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept
