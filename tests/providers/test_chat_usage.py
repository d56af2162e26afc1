"""Is every token in one class, whatever the service tells apart, and is nonsense not believed?"""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.price import Usage
from leitstand.providers.chat_usage import usage_of

CASES = {
    "openai": (
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 256,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        Usage(
            input_tokens=86,
            cached_input_tokens=1920,
            audio_input_tokens=0,
            output_tokens=44,
            reasoning_tokens=256,
            audio_output_tokens=0,
        ),
    ),
    "reasoning beside the completion": (
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 115,
            "completion_tokens_details": {"reasoning_tokens": 100},
        },
        Usage(input_tokens=10, output_tokens=5, reasoning_tokens=100),
    ),
    "deepseek": (
        {"prompt_tokens": 100, "completion_tokens": 5, "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36},
        Usage(input_tokens=36, cached_input_tokens=64, output_tokens=5),
    ),
    "cache writes": (
        {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cache_write_tokens": 90}},
        Usage(input_tokens=10, cache_write_tokens=90, output_tokens=5),
    ),
    "more cached than given": (
        {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 11}},
        Usage(input_tokens=10, output_tokens=5),
    ),
    "details without a total": (
        {"prompt_tokens_details": {"cached_tokens": 11}, "completion_tokens": None},
        Usage(),
    ),
}


@pytest.mark.parametrize(("told", "read"), CASES.values(), ids=CASES)
def test_each_token_is_in_one_class(told, read):
    assert usage_of(msgspec.Raw(json.dumps(told).encode())) == read


@given(
    st.one_of(
        st.none(),
        st.lists(st.integers()),
        st.dictionaries(
            st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details"]),
            st.one_of(
                st.integers(-5, 10**12), st.text(), st.dictionaries(st.just("cached_tokens"), st.integers(-5, 99))
            ),
        ),
    )
)
def test_whatever_a_service_says_no_class_is_negative_and_the_sum_is_the_total(told):
    usage = usage_of(msgspec.Raw(json.dumps(told).encode()))
    assert all(count is None or count >= 0 for _, count in usage.by_class())
    total = told.get("prompt_tokens") if isinstance(told, dict) else None
    assert usage.given == (total if isinstance(total, int) and total >= 0 else None)
