import json

import pytest
from tests.definition.folders import KNOWN, valid

from leitstand.definition.convert import to_json, to_workflow
from leitstand.definition.read import read_files
from leitstand.domain.guardrail import Outcome


@pytest.mark.parametrize("template", ["answer", "extract", "classify", "draft"])
def test_there_and_back(template: str):
    workflow = read_files(valid(template), KNOWN).workflow
    assert workflow is not None
    assert to_workflow(json.loads(to_json(workflow))) == workflow


def test_every_default_is_written_out():
    workflow = read_files(valid(), KNOWN).workflow
    assert workflow is not None
    data = json.loads(to_json(workflow))
    assert data["retrieval"]["window_chars"] == 1200
    assert data["delivery"] == {"kind": "caller", "url": "", "zone": "", "folder": "", "timeout_seconds": 10.0}


def test_types_are_those_of_the_domain():
    workflow = read_files(valid(), KNOWN).workflow
    assert workflow is not None
    assert isinstance(workflow.checks, tuple)
    assert workflow.checks[0].on_flagged is Outcome.REVIEW
    assert isinstance(workflow.slo.response_seconds, float)


def test_what_never_was_a_workflow_is_refused():
    with pytest.raises(TypeError):
        to_workflow({})
