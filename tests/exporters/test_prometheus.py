"""Is what a Prometheus server reads every metric that the reference names, and nothing it cannot read?"""

from prometheus_client.parser import text_string_to_metric_families
from tests.runtime.conftest import Bench

from leitstand import plugins
from leitstand.domain import metric
from leitstand.domain.metric import METRICS, SECONDS, Kind
from leitstand.runtime.vitals import read_metrics


def families(text: bytes) -> dict:
    return {family.name: family for family in text_string_to_metric_families(text.decode())}


async def scraped(bench: Bench) -> dict:
    written = plugins.find("exporters", "prometheus")(await read_metrics(bench.parts, bench.worker))
    assert isinstance(written, bytes)
    return families(written)


def plain(name: str) -> str:
    return name.removesuffix("_total")


async def test_every_metric_is_there_from_the_start_with_its_kind_and_help(bench: Bench) -> None:
    await bench.activate()
    found = await scraped(bench)
    for each in METRICS:
        family = found[plain(each.name)]
        assert (family.type, family.documentation) == (each.kind.value, each.help)
    strangers = {name for name in found if not name.startswith(("leitstand_", "process_", "python_gc_"))}
    assert not strangers


async def test_samples_have_the_labels_that_the_metric_declares(bench: Bench) -> None:
    await bench.activate()
    await bench.ask()
    found = await scraped(bench)
    for each in METRICS:
        for sample in found[plain(each.name)].samples:
            if not sample.name.endswith("_created"):
                assert set(sample.labels) - {"le"} == set(each.labels), sample.name


async def test_histograms_are_cumulative_and_end_at_their_count(bench: Bench) -> None:
    await bench.activate()
    for _ in range(3):
        await bench.ask()
    samples = (await scraped(bench))[metric.RESPONSE.name].samples
    buckets = [sample.value for sample in samples if sample.name.endswith("_bucket")]
    count = next(sample.value for sample in samples if sample.name.endswith("_count"))
    total = next(sample.value for sample in samples if sample.name.endswith("_sum"))
    assert len(buckets) == len(SECONDS) + 1
    assert buckets == sorted(buckets) and buckets[-1] == count == 3
    tally = bench.parts.watch.tally.histograms[metric.RESPONSE.name]["help",]
    assert total == tally.total


async def test_memory_and_files_of_the_process_are_there(bench: Bench) -> None:
    found = await scraped(bench)
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_max_fds"):
        assert found[name].samples[0].value > 0


def test_names_follow_the_conventions_of_prometheus() -> None:
    for each in METRICS:
        assert each.name.startswith("leitstand_")
        assert each.name.endswith("_total") == (each.kind is Kind.COUNTER)
        assert each.kind is not Kind.HISTOGRAM or each.name.endswith("_seconds")
        assert not {label for label in each.labels if label.endswith("id") or label in ("tenant", "case", "person")}
        assert each.help.endswith(".")
