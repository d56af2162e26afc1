"""MLflow's gateway, as an ASGI application on uvicorn."""

from bench.peers import Peer, Place, chat


def command(place: Place) -> list[str]:
    """One endpoint for one model."""
    options = f'{{openai_api_key: sk-bench, openai_api_base: "{place.upstream}"}}'
    model = f"{{provider: openai, name: model, config: {options}}}"
    endpoint = f"endpoints: [{{name: model, endpoint_type: llm/v1/chat, model: {model}}}]\n"
    (place.folder / "mlflow.yaml").write_text(endpoint, "utf-8")
    application = ["mlflow.gateway.app:create_app_from_env", "--factory"]
    where = ["--host", "127.0.0.1", "--port", str(place.port), "--no-access-log", "--log-level", "warning"]
    variable = f"MLFLOW_GATEWAY_CONFIG={place.folder / 'mlflow.yaml'}"
    return ["env", variable, place.python, "-m", "uvicorn", *application, *where]


PEER = Peer(
    title="MLflow gateway",
    packages=("mlflow==3.17.*", "slowapi", "boto3", "tiktoken", "aiohttp", "uvloop", "httptools", "uvicorn"),
    command=command,
    request=lambda _place: chat("/gateway/model/invocations", model=""),
    variables={"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
)
