"""Does everything that is wrong with the operator's zone file name what is wrong, where, and the way out?"""

import hashlib
from pathlib import Path

import pytest

from leitstand.definition.zone_file import MOST_BYTES, read_zones
from leitstand.domain.address import origin_of
from leitstand.domain.errors import SettingInvalid
from leitstand.domain.zone import DEFAULT_TABLE, ZonePolicy

KNOWN = "local, sovereign_eu, eu_hyperscaler, third_country"


def refusal(path: Path) -> str:
    """What is said of the file, which always names the setting and the file."""
    with pytest.raises(SettingInvalid) as refused:
        read_zones(path)
    said = str(refused.value)
    assert said.startswith(f"The setting LEITSTAND_ZONES has the value {path}, which cannot be used. ")
    return said


def test_without_a_file_the_table_that_ships_holds():
    assert read_zones(Path()) == ZonePolicy()


def test_a_row_is_replaced_and_an_address_named(tmp_path):
    path = tmp_path / "zones.toml"
    path.write_bytes(
        b'\xef\xbb\xbf[allow]\npersonal = []\n[addresses]\n"https://LLM.example.org/" = "eu_hyperscaler"\n'
    )
    policy = read_zones(path)
    assert policy.table == {**DEFAULT_TABLE, "personal": frozenset()}
    assert policy.addresses == {origin_of("https://llm.example.org:443"): "eu_hyperscaler"}
    assert policy.digest == hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("allow = 1", "`allow` is no table of this file; its tables are [allow] and [addresses]."),
        ("[alow]\npublic = []", "`alow` is no table of this file; its tables are [allow] and [addresses]."),
        ("[allow]\nconfidential = []", "the data class confidential, which is none. Use one of: public, internal,"),
        ('[allow]\npublic = ["moon"]', f"[allow] needs a list of zones for public. Zones: {KNOWN}."),
        ('[allow]\npublic = "local"', f"[allow] needs a list of zones for public. Zones: {KNOWN}."),
        ("[allow]\npublic = [[1]]", f"[allow] needs a list of zones for public. Zones: {KNOWN}."),
        ('[addresses]\n"https://a.example" = "eu"', f"needs a zone for https://a.example. Zones: {KNOWN}."),
        ('[addresses]\n"https://a.example" = ["local"]', f"needs a zone for https://a.example. Zones: {KNOWN}."),
        ('[addresses]\n"a.example" = "local"', "[addresses] names a.example, which is no address."),
        ('[addresses]\n"http://me:secret@a.example" = "local"', "[addresses] names a.example, which is no address."),
        ('[addresses]\n"https://a.example/v1" = "local"', "leave out the path, all of https://a.example is in one"),
        (
            '[addresses]\n"https://a.example" = "local"\n"https://a.example:443/" = "third_country"',
            "[addresses] says of https://a.example both local and third_country. Leave one of them out.",
        ),
        ("[allow\n", "It is no TOML in UTF-8: "),
        ('[allow]\npublic = ["local"]\npublic = []', "It is no TOML in UTF-8: "),
        ("x = " + "[" * 100_000, "It is no TOML in UTF-8: "),
        ("#" * (MOST_BYTES + 1), "It has more than 1000000 bytes: is it another file?"),
    ],
    ids=lambda text: text[:40].replace("\n", " "),
)
def test_what_the_file_may_not_say_is_named_with_the_way_out(tmp_path, content, said):
    path = tmp_path / "zones.toml"
    path.write_text(content)
    told = refusal(path)
    assert said in told
    assert "secret" not in told.replace("special, secret", "")


def test_what_is_no_file_is_said(tmp_path):
    assert "No such file or directory. Name a file that is there, or leave the" in refusal(tmp_path / "gone.toml")
    assert "It cannot be read: Is a directory. " in refusal(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[addresses] # für "uns"'.encode("latin-1"))
    assert "It is no TOML in UTF-8: " in refusal(latin)


def test_an_endless_file_is_not_read_to_its_end():
    assert "It has more than 1000000 bytes" in refusal(Path("/dev/zero"))
