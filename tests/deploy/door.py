"""What does a caller see who stands before the proxy, with or without its password?"""

import base64
import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode


@dataclass(frozen=True, kw_only=True)
class Door:
    """The proxy as a caller knows it."""

    port: int
    password: str
    certificate: Path

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    def ask(
        self, method: str, path: str, body: str = "", password: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Status, headers and body of an answer. Underscores in the names of ``headers`` are hyphens."""
        known = base64.b64encode(f"operator:{self.password if password is None else password}".encode()).decode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if password != "":
            sent["Authorization"] = f"Basic {known}"
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context)
        try:
            connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def post_form(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        """A form as a browser sends it from our own page, unless ``headers`` say otherwise."""
        own = {
            "Content_Type": "application/x-www-form-urlencoded",
            "Origin": self.origin,
            "Sec_Fetch_Site": "same-origin",
        }
        return self.ask("POST", path, urlencode(fields), **{**own, **headers})
