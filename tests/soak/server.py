"""Who is watched? The real server, with two workflows and a person added at the first start."""

import sys
from pathlib import Path

from tests.chaos.server import PERSON

from leitstand.cli.server import Running, run_server
from leitstand.domain.review import Person
from leitstand.settings import read_settings


def main(data: str, port: str, folder: str) -> None:
    """Serve the workflow in ``folder`` and the gateway beside it."""
    workflow = Path(folder)

    async def begin(running: Running) -> None:
        system = running.system
        if not await system.parts.releases.pointers():
            for added in (workflow, workflow.with_name("gateway")):
                await system.add(added, activate=True)
            await system.parts.people.add_person(system.tenant_id, Person(id=PERSON, name="Soak"))
        await running.open()
        print("ready", flush=True)

    run_server(read_settings(data=data, port=port, host="127.0.0.1"), begin)


if __name__ == "__main__":
    main(*sys.argv[1:4])
