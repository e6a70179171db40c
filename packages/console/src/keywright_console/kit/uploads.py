"""Uploads that can't fill memory or disk: what is larger than its kind may be needn't be kept to be refused."""

from __future__ import annotations

import io
from typing import IO, Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

KEPT = 64 * 1024 + 1  # one byte more than a license may have, so that "too large" shows
# The same for other fields. A list of users may have 8 MiB, over 100,000 lines.
KEPT_OF_FIELD = {"users": 8 * 1024 * 1024 + 1}


class BoundedUploadHandler(FileUploadHandler):
    """Keeps the first bytes of a file, as many as its field may have, and counts the rest without keeping it.

    The body is read to its end, so the browser gets an answer instead of a closed connection.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = bytearray()
        self.most = KEPT_OF_FIELD.get(self.field_name or "", KEPT)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - Django's signature
        self.kept += raw_data[: self.most - len(self.kept)]
        return None

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        content: IO[bytes] = io.BytesIO(bytes(self.kept))
        return InMemoryUploadedFile(
            content, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )
