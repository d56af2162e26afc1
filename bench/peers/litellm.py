"""LiteLLM's proxy, without a database, as its vendor's image holds it.

Without its ``proxy-runtime`` extra, or with byte-code caching off, it compiles an import again for each request and
looks half as fast as it is; ``programs.py`` compiles what it installs and leaves caching on. The version is pinned
because the release after it was reported to be compromised.
"""

from bench.peers import Peer, Place, chat

KEY = {"authorization": "Bearer sk-bench"}


def command(place: Place) -> list[str]:
    """One model behind one key."""
    configuration = place.folder / "litellm.yaml"
    parameters = f'{{model: openai/model, api_base: "{place.upstream}", api_key: sk-bench}}'
    model = f"model_list: [{{model_name: model, litellm_params: {parameters}}}]"
    configuration.write_text(
        f"{model}\nlitellm_settings: {{telemetry: false, set_verbose: false, num_retries: 0}}\n", "utf-8"
    )
    program = str(place.environment / "bin" / "litellm")
    where = ["--host", "127.0.0.1", "--port", str(place.port), "--num_workers", "1"]
    return [program, "--config", str(configuration), *where]


PEER = Peer(
    title="LiteLLM proxy",
    packages=("litellm[proxy,proxy-runtime]==1.106.2",),
    command=command,
    request=lambda _place: chat("/v1/chat/completions", headers=KEY),
    streamed=lambda _place: chat("/v1/chat/completions", stream=True, headers=KEY),
    variables={
        "LITELLM_MASTER_KEY": "sk-bench",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "NO_PROXY": "*",
    },
)
