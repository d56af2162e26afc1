"""Do releases that search the same passages share one index, for as long as anybody searches it?"""

import gc
import os
import shutil
from pathlib import Path

from leitstand.assembly import assembled
from leitstand.settings import read_settings

WORKFLOW = Path(__file__).parent / "chaos" / "workflow"


def open_indexes(folder: Path) -> int:
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))  # noqa: PTH208  closed while listed
    return sum(str(folder) in os.path.realpath(link) for link in links)


async def test_releases_with_the_same_sources_share_an_index(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WORKFLOW, tmp_path / "workflow"))
    async with assembled(read_settings({}, data=tmp_path / "data"), works=False) as system:
        installations, searching = system.parts.installations, []
        for number in range(3):
            (folder / "prompt.md").write_text(f"{number} {{{{ passages }}}} {{{{ input.question }}}}")
            release = await system.add(folder, activate=True)
            searching.append((await installations.by_digest("default", release.digest)).retriever)
        assert searching[0] is not None
        assert all(retriever is searching[0] for retriever in searching)
        gc.collect()
        assert open_indexes(system.settings.indexes) == 1
        source = folder / "knowledge" / "harbour.md"
        source.write_text(source.read_text() + "\n# Lighthouse\n\nThe lighthouse is open at night.\n")
        other = await system.add(folder, activate=True)
        assert (await installations.by_digest("default", other.digest)).retriever is not searching[0]
