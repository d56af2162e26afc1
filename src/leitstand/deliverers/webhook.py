"""How does an output reach a web address, once per idempotency key at a receiver that honours it?"""

from urllib.parse import urlsplit

from leitstand.domain.errors import DeliveryFailed, SettingInvalid
from leitstand.domain.policy import Delivery
from leitstand.ports import Transport

WORTH_REPEATING = (408, 425, 429)
"""Statuses below 500 after which the same request may be taken later."""


class Webhook:
    """A ``Deliverer`` that POSTs JSON to ``delivery.url``; every attempt carries the same ``Idempotency-Key``."""

    def __init__(self, delivery: Delivery, transport: Transport) -> None:
        if not delivery.url:
            way_out = "Name the receiver: url under [delivery]."
            raise SettingInvalid(name="delivery.url", value='""', way_out=way_out)
        self._url = delivery.url
        self._timeout = delivery.timeout_seconds
        self._transport = transport
        self._receiver = urlsplit(delivery.url).hostname or "webhook"

    async def deliver(self, *, key: str, body: bytes) -> str:
        """``HTTP <status>`` when the receiver took it (2xx); else ``DeliveryFailed``, final when it was refused."""
        headers = {"content-type": "application/json", "idempotency-key": key}
        try:
            reply = await self._transport.post(self._url, headers=headers, body=body, timeout=self._timeout)
        except (TimeoutError, ConnectionError) as error:
            kind = "timeout" if isinstance(error, TimeoutError) else "unreachable"
            raise DeliveryFailed(kind=kind, receiver=self._receiver, detail=str(error)) from error
        status = reply.status
        if 200 <= status < 300:
            return f"HTTP {status}"
        raise DeliveryFailed(
            kind="server_error" if status >= 500 else "refused",
            retryable=not 400 <= status < 500 or status in WORTH_REPEATING,
            status=status,
            receiver=self._receiver,
            detail=f"HTTP {status}",
        )
