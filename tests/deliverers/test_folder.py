"""Is a delivered file whole, once per key, and never outside its folder?"""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.deliverers.folder import Folder, file_name
from leitstand.domain.errors import DeliveryFailed, SettingInvalid
from leitstand.domain.policy import Delivery
from leitstand.testing.deliverer_contract import KEYS, DelivererContract


class TestFolder(DelivererContract):
    @pytest.fixture
    def deliverer(self, tmp_path):
        return Folder(Delivery(kind="file", folder=str(tmp_path / "out")), None)

    @pytest.fixture
    def taken(self, tmp_path):
        known = {f"{file_name(key)}.json": key for key in ("case-1", *KEYS)}
        return lambda: {known[path.name]: path.read_bytes() for path in (tmp_path / "out").iterdir()}


@given(st.sets(st.text(max_size=300), min_size=2))
def test_a_key_is_always_one_file_inside_the_folder_and_no_two_share_it(keys):
    names = {file_name(key) for key in keys}
    assert len(names) == len(keys)
    for name in names:
        assert name
        assert not name.startswith(".")
        assert not set(name) & set("/\\\0")
        assert len(f"{name}.json") <= 255


def test_an_ordinary_key_is_readable():
    assert file_name("0192f3a0-77b1-7c3e-1") == "0192f3a0-77b1-7c3e-1"


def test_a_long_key_ends_in_its_hash():
    key = "y" * 1000
    assert file_name(key).endswith(hashlib.sha256(key.encode()).hexdigest())


def test_no_folder_is_a_setting_to_mend():
    with pytest.raises(SettingInvalid, match=r"delivery\.folder"):
        Folder(Delivery(kind="file"), None)


async def test_a_folder_that_cannot_be_is_tried_again_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryFailed, match=r"exists|directory") as caught:
        await Folder(Delivery(kind="file", folder=str(tmp_path / "file")), None).deliver(key="k", body=b"{}")
    assert (caught.value.retryable, caught.value.kind) == (True, "unwritable")


FULL_DISK = """
import asyncio, resource, signal, sys
from leitstand.deliverers.folder import Folder
from leitstand.domain.errors import DeliveryFailed
from leitstand.domain.policy import Delivery
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    asyncio.run(Folder(Delivery(kind="file", folder=sys.argv[1]), None).deliver(key="k", body=bytes(5000)))
except DeliveryFailed as failed:
    print(failed.retryable, failed)
"""


def test_when_there_is_no_room_nothing_half_written_appears(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True")
    assert "File too large" in done.stdout
    assert list(tmp_path.iterdir()) == []


DELIVERS = """
import asyncio, sys
from leitstand.deliverers.folder import Folder
from leitstand.domain.policy import Delivery
asyncio.run(Folder(Delivery(kind="file", folder=sys.argv[1]), None).deliver(key="k", body=b"{}"))
"""


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_answer(tmp_path):
    trace, folder = tmp_path / "trace", tmp_path / "out"
    watch = ("strace", "-f", "-o", str(trace), "-e", "trace=openat,fsync,rename,renameat,renameat2")
    subprocess.run([*watch, sys.executable, "-c", DELIVERS, str(folder)], check=True)
    lines = trace.read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if ".part" in line)
    calls = [line.split()[1].split("(")[0] for line in lines[begin:] if str(folder) in line or "fsync(" in line]
    assert [call.removesuffix("at2").removesuffix("at") for call in calls] == [
        "open",
        "fsync",
        "rename",
        "open",
        "fsync",
    ]
