"""What is sent to a program again and again? (Standard library only: peers import it in their own environments.)"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """A POST; an answer is right with status 200 or 201 and ``must`` in its body."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    must: bytes = b""

    def payload(self, port: int) -> bytes:
        """The request on the wire."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        first = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{head}content-length: {len(self.body)}\r\n\r\n"
        return first.encode() + self.body
