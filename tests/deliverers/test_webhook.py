"""Does a webhook carry the key, and is every refusal read as final or passing?"""

import pytest
import pytest_asyncio

from leitstand.deliverers.webhook import Webhook
from leitstand.domain.errors import DeliveryFailed, SettingInvalid
from leitstand.domain.policy import Delivery
from leitstand.testing import faults
from leitstand.testing.deliverer_contract import DelivererContract
from leitstand.testing.fault_server import FaultServer
from leitstand.transports.aiohttp import AiohttpTransport


@pytest_asyncio.fixture
async def transport():
    transport = AiohttpTransport()
    yield transport
    await transport.close()


def a_webhook(url, transport, seconds=5.0):
    return Webhook(Delivery(kind="webhook", url=url, timeout_seconds=seconds), transport)


class TestWebhook(DelivererContract):
    keys = ("case-1", "case-2", "a/b", "a%2Fb", "-", "x" * 400)

    @pytest.fixture
    def server(self):
        with FaultServer(faults.reply(202, b"")) as server:
            yield server

    @pytest.fixture
    def deliverer(self, server, transport):
        return a_webhook(server.url + "/hook", transport)

    @pytest.fixture
    def taken(self, server):
        return lambda: {request.headers["idempotency-key"]: request.body for request in server.requests}


async def test_it_is_json_and_says_what_the_receiver_said(transport):
    with FaultServer(faults.reply(201, b"made")) as server:
        assert await a_webhook(server.url + "/in?x=1", transport).deliver(key="k-1", body=b"{}") == "HTTP 201"
        sent = server.requests[0]
    assert (sent.path, sent.headers["content-type"], sent.headers["idempotency-key"]) == (
        "/in?x=1",
        "application/json",
        "k-1",
    )


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        *((status, False) for status in (400, 401, 403, 404, 409, 410, 413, 422)),
        *((status, True) for status in (300, 307, 408, 425, 429, 500, 502, 503)),
    ],
)
async def test_a_refusal_is_final_and_trouble_passes(transport, status, retryable):
    with FaultServer(faults.reply(status, b"<h1>secret</h1>")) as server, pytest.raises(DeliveryFailed) as caught:
        await a_webhook(server.url, transport).deliver(key="k", body=b"{}")
    assert caught.value.retryable is retryable
    assert (caught.value.kind, caught.value.status) == ("server_error" if status >= 500 else "refused", status)
    assert f"HTTP {status}" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (faults.nothing(), "unreachable"),
        (faults.garbage(), "unreachable"),
        (faults.reset(), "unreachable"),
        (faults.half("x" * 99), "unreachable"),
        (faults.endless(), "unreachable, timeout"),
        (faults.never(), "timeout"),
    ],
)
async def test_a_broken_receiver_is_tried_again(transport, behaviour, kind):
    with FaultServer(behaviour) as server, pytest.raises(DeliveryFailed) as caught:
        await a_webhook(server.url, transport, seconds=0.5).deliver(key="k", body=b"{}")
    assert (caught.value.retryable, caught.value.status) == (True, None)
    assert caught.value.kind in kind.split(", ")


async def test_a_secret_in_the_address_stays_out_of_the_message(transport):
    with pytest.raises(DeliveryFailed) as caught:
        await a_webhook("http://user:hunter2@127.0.0.1:1/hook?token=hunter2", transport).deliver(key="k", body=b"{}")
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_no_address_is_a_setting_to_mend():
    with pytest.raises(SettingInvalid, match=r"delivery\.url"):
        a_webhook("", None)
