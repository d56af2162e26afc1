"""Portkey's gateway on Node.js, without storage."""

from bench.peers import Peer, Place, chat


def command(place: Place) -> list[str]:
    """The server that its package starts."""
    script = place.environment / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    return ["env", f"PORT={place.port}", "node", str(script), f"--port={place.port}", "--headless"]


PEER = Peer(
    title="Portkey gateway",
    packages=("@portkey-ai/gateway@1.15.2",),
    npm=True,
    command=command,
    request=lambda place: chat(
        "/v1/chat/completions", headers={"x-portkey-provider": "openai", "x-portkey-custom-host": place.upstream}
    ),
    variables={"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
)
