"""How is a model asked whose service any-llm knows?

any-llm calls services by client libraries. Those that can be given an HTTP client are given one over our transport; the
others are refused: they would leave the house by a door that nobody watches.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

try:
    import httpx
    from any_llm import AnyLLM
    from any_llm.exceptions import AnyLLMError
    from any_llm.providers.openai.base import BaseOpenAIProvider
except ImportError as error:
    raise ImportError("pip install 'leitstand[any-llm]'") from error

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Request
from leitstand.domain.price import Price
from leitstand.http_reply import Reply, StreamedReply
from leitstand.ports import Transport
from leitstand.providers.chat_answer import answer_of
from leitstand.providers.chat_failures import failure_in_answer, failure_of
from leitstand.providers.chat_options import ChatOptions
from leitstand.providers.chat_stream import streamed_answer
from leitstand.providers.httpx_over_transport import EXCHANGE, Exchange, OverTransport
from leitstand.providers.openai_compatible import WITH_USAGE, request_body
from leitstand.providers.options import read_options
from leitstand.providers.output_mode import OutputMode, weaker
from leitstand.providers.service import SILENCE, Listener, checked_key, checked_url

PASSES_BY = "{service} is called by a client of its own, which would pass our transport by; use another provider."


class AnyLlm:
    """A ``ModelProvider`` over any-llm (the extra ``leitstand[any-llm]``); ``model`` is ``service:model``.

    Key and address are the target's, whatever the environment and the library hold for the service: by its address it
    is decided what may go there.
    """

    price: Price | None = None

    def __init__(self, target: Target, transport: Transport, api_key: str | None) -> None:
        self._options = read_options(target.options, ChatOptions)
        self._name = target.model
        self._authorized = bool(checked_key(api_key))
        _, _, self._model = target.model.partition(":")
        self._client = _client(_known(target.model), target, checked_key(api_key), transport)
        self._mode = OutputMode.SCHEMA if self._options.json_schema else OutputMode.OBJECT

    async def generate(self, request: Request, on_delta: Listener | None = None) -> Answer:
        """Answer of the model, whole; ``ProviderFailed`` for everything else, within ``request.timeout`` seconds."""
        deadline = asyncio.get_running_loop().time() + request.timeout
        while True:
            mode = self._mode
            exchange = Exchange(
                key=request.key,
                authorized=self._authorized,
                timeout=deadline - asyncio.get_running_loop().time(),
                silence=SILENCE,
            )
            if exchange.timeout <= 0:
                raise self._failed("timeout", "no time is left")
            said = await self._ask(request, mode, exchange, on_delta)
            if isinstance(said, Answer):
                return said
            next_mode = weaker(mode, said, self._name) if request.schema else None
            if next_mode is None:
                raise failure_of(said, self._name)
            self._mode = max(self._mode, next_mode)

    async def _ask(
        self, request: Request, mode: OutputMode, exchange: Exchange, on_delta: Listener | None
    ) -> Answer | Reply:
        """The answer, or the reply that refused; what came over the wire counts, not how a library tells it."""
        EXCHANGE.set(exchange)
        body = request_body(request, mode, self._options.fields())
        asked: dict[str, Any] = body | {"model": self._model} | ({"stream": True, **WITH_USAGE} if on_delta else {})
        try:
            async with asyncio.timeout(exchange.timeout):
                said = await self._client.acompletion(**asked)
                if on_delta and not exchange.reply:
                    async with aclosing(said):
                        begun = StreamedReply(status=200, headers={}, chunks=_as_events(said))
                        return await streamed_answer(begun, request, self._name, on_delta)
                if not on_delta:
                    reply = Reply(status=200, headers={}, body=said.model_dump_json().encode())
                    return answer_of(reply, request, self._name)
        except ProviderFailed:
            raise
        except Exception as error:  # noqa: BLE001  each library has errors of its own, and some are plain ones
            if not exchange.reply:
                raise self._failure(error, exchange, request.timeout) from None
        assert exchange.reply is not None, "a stream was read above"
        if exchange.reply.status != 200:
            return exchange.reply
        answer = answer_of(exchange.reply, request, self._name)
        if on_delta:
            on_delta(answer.text)
        return answer

    def _failure(self, error: Exception, exchange: Exchange, timeout: float) -> ProviderFailed:
        if isinstance(exchange.broken, TimeoutError) or isinstance(error, TimeoutError):
            return self._failed("timeout", f"no answer within {timeout:g} s")
        if exchange.broken:
            return self._failed("unreachable", str(exchange.broken))
        if isinstance(error, AnyLLMError) and (error.code or error.error_type):
            told = {"code": error.code, "type": error.error_type, "message": error.message}
            return failure_in_answer(told, {}, self._name)
        return self._failed("malformed", f"any-llm could not read the reply ({type(error).__name__})")

    def _failed(self, kind: str, detail: str) -> ProviderFailed:
        return ProviderFailed(kind=kind, retryable=True, provider=self._name, detail=detail)


async def _as_events(chunks: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """The pieces of an answer as the service might have sent them."""
    async for chunk in chunks:
        yield b"data: " + chunk.model_dump_json(exclude_none=True).encode() + b"\n\n"


def _known(model: str) -> type[BaseOpenAIProvider]:
    """The class for the service; raises ``SettingInvalid`` for one that is unknown, or that brings an HTTP client."""
    service = model.partition(":")[0]
    try:
        found = AnyLLM.get_provider_class(service)
    except (AnyLLMError, ImportError):
        way_out = "Write the service and the model, as openrouter:qwen3-8b; any-llm must know the service."
        raise SettingInvalid(name="model", value=model, way_out=way_out) from None
    if not issubclass(found, BaseOpenAIProvider):
        raise SettingInvalid(name="model", value=model, way_out=PASSES_BY.format(service=service))
    return found


def _client(found: type[BaseOpenAIProvider], target: Target, key: str, transport: Transport) -> BaseOpenAIProvider:
    """The service's client on our transport; raises ``SettingInvalid`` when it is on another."""
    over = httpx.AsyncClient(transport=OverTransport(transport), trust_env=False)
    at = checked_url(target.base_url, "")
    try:
        made = found(api_key=key or "none", api_base=at, http_client=over, max_retries=0, unified_exceptions=True)
    except ImportError as error:
        way_out = f"Install what any-llm needs for it: {error}"
        raise SettingInvalid(name="model", value=target.model, way_out=way_out) from None
    sends_by: object = made.client._client  # noqa: SLF001  nothing else says how it sends
    if sends_by is not over:
        raise SettingInvalid(name="model", value=target.model, way_out=PASSES_BY.format(service=made.PROVIDER_NAME))
    return made
