"""What does every handler of the web server work with?"""

from dataclasses import dataclass

from leitstand.runtime.parts import Parts
from leitstand.runtime.worker import Worker
from leitstand.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """The parts, the worker and the settings of this process; handlers find it as ``request.app.state.leitstand``."""

    parts: Parts
    worker: Worker
    settings: Settings
    tenant_id: str
