import pytest
from tests.definition.folders import changed, problems, valid

from leitstand.definition.documents import Report, read_toml
from leitstand.definition.strict import check_values


@pytest.mark.parametrize(
    ("old", "new", "line_of", "said"),
    [
        ('data_class = "internal"', 'data_clas = "internal"', "data_clas", "Did you mean `data_class`?"),
        ('data_class = "internal"', "", "", 'The key `data_class` is missing. Add `data_class = "public"`.'),
        (
            'data_class = "internal"',
            'data_class = "intern"',
            "data_class",
            'has the value "intern". Did you mean `internal`?',
        ),
        (
            'data_class = "internal"',
            'data_class = "zzz"',
            "data_class",
            "Use one of: public, internal, personal, special, secret",
        ),
        ("[slo]", "[slo_]", "[slo_]", "`slo_` is unknown. Did you mean `slo`?"),
        ('technical = "Technical owner: name or team"\n', "", "[owners]", "The key `owners.technical` is missing."),
        (
            "response_seconds = 10.0",
            "response_seconds = 0",
            "response_seconds",
            "has the value 0. It must be more than 0.",
        ),
        (
            "response_seconds = 10.0",
            'response_seconds = "10"',
            "response_seconds",
            'has the value "10". Write a number',
        ),
        (
            "response_seconds = 10.0",
            "response_seconds = inf",
            "response_seconds",
            "has the value Infinity. Write a number",
        ),
        (
            "response_seconds = 10.0",
            "response_seconds = 2024-01-01",
            "response_seconds",
            '"2024-01-01". Write a number',
        ),
        ("target_percent = 99.0", "target_percent = 101", "target_percent", "It must be at most 100."),
        ("due_minutes = 480", "due_minutes = 1.5", "due_minutes", "has the value 1.5. Write a whole number"),
        ("due_minutes = 480", "due_minutes = 99999999999999999999", "due_minutes", "Write a whole number"),
        ('per_case = "0.05 EUR"', 'per_case = "0,05 €"', 'per_case = "0,05', "It must match `^"),
        ('languages = ["en", "de"]', "languages = []", "languages", "It must not be empty."),
        ('languages = ["en", "de"]', 'languages = ["en", "en"]', "languages", "Remove what stands there twice."),
        ('languages = ["en", "de"]', 'languages = ["english"]', "languages", "`input.languages[1]`"),
        (
            '[[draft.chain]]\nprovider = "extractive"',
            '[[draft.chain]]\nprovider = ""',
            'provider = ""',
            "It must not be empty.",
        ),
        (
            '[[draft.chain]]\nprovider = "extractive"',
            '[[draft.chain]]\nprovider = "extractive"\nretrys = 2',
            "retrys",
            "Did you mean `retries`?",
        ),
        ('[[draft.chain]]\nprovider = "extractive"', 'chain = "extractive"', "chain = ", '"extractive". Write a list'),
        ("[budget]", "[[budget]]", "[[budget]]", "`budget` has the value [{"),
        ('en = "Shop questions"', 'English = "Shop questions"', "English", '`title` has the unusable key "English".'),
        ('en = "Shop questions"', "en = 3", "en = 3", "`title.en` has the value 3. Write text in quotes"),
    ],
)
def test_each_mistake_is_named_with_line_value_and_repair(old: str, new: str, line_of: str, said: str):
    files = changed("workflow.toml", old, new)
    lines = files["workflow.toml"].decode().split("\n")
    wanted = next(number for number, line in enumerate(lines, 1) if line_of in line) if line_of else 0
    found = [problem for problem in problems(files) if said in problem.text()]
    assert len(found) == 1, [problem.text() for problem in problems(files)]
    assert (found[0].file, found[0].line) == ("workflow.toml", wanted)


def test_all_mistakes_are_shown_at_once():
    report = Report(file="workflow.toml", problems=[])
    data = read_toml(b"nam = 'x'\nlanguage = 3\n[slo]\nresponse_seconds = 0\n", report)
    assert data is not None
    assert not check_values(data, report)
    said = " ".join(problem.text() for problem in report.problems)
    for key in (
        "name",
        "title",
        "owners",
        "data_class",
        "baseline",
        "budget",
        "slo.target_percent",
        "slo.response_seconds",
    ):
        assert f"`{key}`" in said
    assert "Did you mean `name`?" in said


def test_a_secret_written_into_an_unknown_key_is_not_repeated():
    files = changed("workflow.toml", 'provider = "extractive"', 'provider = "extractive"\napi_key = "sk-123"')
    assert "sk-123" not in " ".join(problem.text() for problem in problems(files))


def test_a_valid_file_has_no_problem():
    assert problems(valid()) == ()
