"""A portal as far as a console can tell: the calls of /api/v1 that deployments make, answered with the license library.

It runs in a thread, on a port of its own. What it was sent is in `heard`; `answers` replaces what it would say.
"""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from keywright_license import LicenseError, thumbprint, zbase32
from keywright_license.activation import (
    Activation,
    kid_of_release,
    license_digest,
    read_release,
    read_request,
    sign_activation,
)
from keywright_license.usage import digest, read_reports


class RefusalError(Exception):
    def __init__(self, status, code, message="No.", **more):
        super().__init__(code)
        self.status, self.body = status, {"code": code, "message": message, "field": None, **more}


class StandInPortal:
    def __init__(self, vendor, *, now):
        self.vendor, self.now = vendor, now
        self.heard = []
        self.answers = {}
        self.files = []  # (license, bytes) that are in force
        self.bundles = {}  # "root" and "issuing"
        self.places = {}  # deployment id → Activation
        self.keys = {}  # thumbprint → public key
        self.released = []
        self.reports = {}  # seq → report
        self.lines = {}
        self.taken = None  # the name of a server that has the one place

    def said_to(self, path):
        return [body for where, body, _headers in self.heard if where.partition("?")[0] == path]

    def handle(self, path, body, headers):
        self.heard.append((path, body, headers))
        where = path.partition("?")[0]
        for start, answer in self.answers.items():
            if where.startswith(start):
                if isinstance(answer, RefusalError):
                    raise answer
                return answer
        if where == "/api/v1/activations":
            return self.activate(body["request"].encode(), body["license"].encode())
        if where == "/api/v1/releases":
            return self.release(body["release"].encode())
        if where == "/api/v1/usage":
            return self.record(body["reports"].encode())
        if where.startswith("/api/v1/licenses/"):
            return self.newest(headers.get("Authorization", ""))
        if where.startswith("/api/v1/revocations/"):
            found = self.bundles.get("root" if where.endswith("/root") else "issuing")
            if found is None:
                raise RefusalError(404, "not_found")
            return found
        raise RefusalError(404, "not_found")

    def activate(self, request_line, file):
        request = read_request(request_line, now=self.now)
        if request.license_sha256 != license_digest(file):
            raise RefusalError(404, "unknown_license")
        if self.taken:
            way = {"deployment": zbase32.encode(uuid.uuid4()), "name": self.taken, "kind": "production", "slot": 0}
            raise RefusalError(409, "no_free_place", f"{self.taken} holds the place.", in_the_way=[way])
        old = self.places.get(request.deployment)
        activation = Activation(
            id=old.id if old else zbase32.encode(uuid.uuid4()),
            issuer="Example Software",
            issued_at=self.now,
            product=request.product,
            subscription="sub-1",
            request=request.id,
            license_id=request.license_id,
            deployment=request.deployment,
            kind=request.kind,
            key=thumbprint(request.key),
        )
        self.places[request.deployment] = activation
        self.keys[activation.key] = request.key
        signed = sign_activation(
            activation,
            signer=self.vendor.signer,
            kid=self.vendor.issuing_kid,
            certificate=self.vendor.certificate,
        )
        return {"activation": signed.decode(), "id": activation.id}

    def release(self, line):
        release = read_release(line, key=self.keys[kid_of_release(line)])
        held = self.places.get(release.deployment)
        if held is not None and held.id == release.activation:
            del self.places[release.deployment]
            self.released.append(release.activation)
        return {"id": release.activation}

    def record(self, lines):
        (key,) = self.keys.values() or (None,)
        if key is None:
            raise RefusalError(404, "unknown_activation")
        found = read_reports(lines, key=key)
        new = [one for one in found if one.report.seq not in self.reports]
        for one in new:
            self.reports[one.report.seq], self.lines[one.report.seq] = one.report, one.line
        newest = max(self.reports)
        missing = [seq for seq in range(1, newest) if seq not in self.reports]
        return {
            "received": len(new),
            "already_known": len(found) - len(new),
            "newest_seq": newest,
            "missing": [[seq, seq] for seq in missing],
            "forked": False,
        }

    def newest(self, authorization):
        request = read_request(authorization.removeprefix("Keywright ").encode(), now=self.now)
        if request.deployment not in self.places:
            raise RefusalError(403, "not_activated", "This server holds no place.")
        return {"files": [{"license_id": one.id, "content": data.decode()} for one, data in self.files]}

    def chain_holds(self):
        """Each report that came names the one before."""
        return all(
            report.previous == (digest(self.lines[seq - 1]) if seq > 1 else None)
            for seq, report in self.reports.items()
        )


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(None)

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body):
        status, kind = 200, "application/json"
        try:
            said = self.server.portal.handle(self.path, body, dict(self.headers))
        except RefusalError as refusal:
            status, said = refusal.status, refusal.body
        except LicenseError as error:
            status, said = 403, {"code": error.code, "message": error.message, "field": None}
        if isinstance(said, tuple):
            status, said = said
        data = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if status in (301, 302, 307):
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_given):
        pass


@contextmanager
def running(portal):
    """The portal, listening; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.portal = portal
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
