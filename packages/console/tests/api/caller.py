"""A client that speaks as those in the field do: a bearer token, and a JSON body even where none belongs.

Every answer that it gets is held against the API's own description.
"""

from __future__ import annotations

import json

from described import check
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conftest import PASSWORD

BASE = "/api/v4"


class Caller:
    def __init__(self, user=None):
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {}
        if user is not None:
            self.headers["Authorization"] = f"Bearer {self.login(user.username).headers['Token']}"

    def login(self, login_id, password=PASSWORD):
        return self.call("POST", "/users/login", {"login_id": login_id, "password": password, "token": ""})

    def call(self, method, path, body=None):
        response = self.client.generic(
            method,
            BASE + path,
            json.dumps({} if body is None else body),
            content_type="application/json",
            headers=self.headers,
        )
        return check(method, BASE + path, response)

    def upload(self, path, data, name="license"):
        part = SimpleUploadedFile("acme.license", data)
        return check("POST", BASE + path, self.client.post(BASE + path, {name: part}, headers=self.headers))


def ok(response, status=200):
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    return json.loads(response.content)


def refused(response, status, id_):
    found = ok(response, status)
    assert sorted(found) == ["detailed_error", "id", "message", "request_id", "status_code"]
    assert (found["id"], found["status_code"]) == (id_, status)
    assert found["request_id"] == response.headers["X-Request-Id"]
    assert len(found["request_id"]) == 26
    return found
