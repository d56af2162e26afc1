import pytest
from tests.definition.folders import changed, problems, texts, valid

from leitstand.definition.read import Known, read_files

CHAIN = '[[draft.chain]]\nprovider = "extractive"'
OVER_HTTP = '[[draft.chain]]\nprovider = "openai_compatible"'
PRICED = '[[draft.chain]]\nprovider = "openai_responses"\nmodel = "gpt-4o-mini"\nzone = "eu_hyperscaler"'
GOOD = f'{OVER_HTTP}\nmodel = "m"\nbase_url = "http://127.0.0.1:1/v1"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'guard = "citations"',
            'guard = "citation"',
            '`checks[2].guard` names "citation", which is not installed. Did',
        ),
        ('provider = "extractive"', 'provider = "openai"', "Did you mean `openai_compatible`?"),
        ("passages = 5", 'passages = 5\nembedder = "use"', '`retrieval.embedder` names "use", which is not installed.'),
        ("passages = 5", 'passages = 5\nretriever = "zzz"', "Installed: sqlite."),
        ('en = "Shop questions"', 'de = "Fragen"', "`title` has no text in the workflow's language `en`."),
        *(
            (
                CHAIN,
                f'[[draft.chain]]\nprovider = "{name}"',
                f'The key `draft.chain[1].model` is missing: `provider = "{name}"`',
            )
            for name in ("anthropic", "openai_responses", "any_llm")
        ),
        (CHAIN, OVER_HTTP, 'The key `draft.chain[1].base_url` is missing: `provider = "openai_compatible"` needs it.'),
        (CHAIN, OVER_HTTP, "The key `draft.chain[1].model` is missing"),
        (CHAIN, f"{GOOD}\n{GOOD}", '`draft.chain` holds "openai_compatible m http://127.0.0.1:1/v1" twice.'),
        (CHAIN, GOOD.replace("127.0.0.1:1", ""), "`draft.chain[1].base_url` has the value"),
        (CHAIN, GOOD.replace("127.0.0.1:1", "me:secret@host"), 'has the value "host/v1"'),
        (CHAIN, GOOD.replace("127.0.0.1:1", "[::1"), "`draft.chain[1].base_url` has the value"),
        (CHAIN, GOOD.replace("127.0.0.1:1", "h:99999"), "`draft.chain[1].base_url` has the value"),
        (CHAIN, f"{CHAIN}\ntimeout_seconds = 61", "longer than the whole chain's"),
        (CHAIN, f"{CHAIN}\nfirst_token_seconds = 31", "longer than the target's `timeout_seconds` of 30"),
        (CHAIN, f"{CHAIN}\nbetween_tokens_seconds = 31", "longer than the target's `timeout_seconds` of 30"),
        ("[draft]\n", "[draft]\nhedge_after_seconds = 1\n", "asks a second target"),
        ('guard = "facts"', 'guard = "citations"', '`checks` holds "citations" twice.'),
        ('guard = "facts"', 'guard = "facts"\non_blocked = "deliver"', "delivers what the guardrail did not pass"),
        ('guard = "facts"', 'guard = "facts"\non_flagged = "deliver"', "delivers what the guardrail did not pass"),
        ("[budget]", '[budget]\nper_day = "1 USD"', "`budget.per_day` is in USD, and `budget.per_month` in EUR."),
        (CHAIN, GOOD, "Nobody knows what m costs, and `budget.unknown_price` is to refuse such calls."),
        (CHAIN, PRICED, "The price of gpt-4o-mini is in USD, and nobody has said what that is in EUR."),
        ("[review]", '[delivery]\nkind = "webhook"\n[review]', "The key `delivery.url` is missing"),
        ("[review]", '[delivery]\nkind = "file"\n[review]', "The key `delivery.folder` is missing"),
        ("[review]", '[delivery]\nfolder = "out"\n[review]', '`delivery.folder` does nothing with `kind = "caller"`.'),
        ("[review]", '[delivery]\nkind = "webhook"\nurl = "http://u:p@h/x"\n[review]', "`delivery.url` has the value"),
        ('text = "answer"\n', "", 'The key `draft.text` is missing: `guard = "citations"` needs it.'),
    ],
)
def test_rules_between_keys(old: str, new: str, said: str):
    assert any(said in text for text in texts(changed("workflow.toml", old, new))), texts(
        changed("workflow.toml", old, new)
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("workflow.toml", 'messages = "messages"', "", "The key `input.text` is missing."),
        ("workflow.toml", 'messages = "messages"', 'messages = "messages"\ntext = "stop"', "are both set"),
        (
            "workflow.toml",
            'messages = "messages"',
            'messages = "seed"',
            "`seed`, which is no list in input",
        ),
        ("workflow.toml", 'text = "text"', "", 'The key `draft.text` is missing: `form = "text"` needs it.'),
        ("workflow.toml", 'form = "text"', 'form = "html"', "`draft.form`"),
        ("prompt.md", "{#", "\n## user\n\nHello. {#", "The part `## user` is never sent"),
    ],
)
def test_rules_of_a_chat(file: str, old: str, new: str, said: str):
    files = valid("passthrough")
    assert problems(files) == ()
    files[file] = files[file].replace(old.encode(), new.encode(), 1)
    assert said in " ".join(texts(files))


def test_passwords_in_addresses_are_not_repeated():
    said = texts(changed("workflow.toml", CHAIN, GOOD.replace("127.0.0.1:1", "me:secret@host")))
    assert said
    assert "secret" not in " ".join(said)


def test_the_line_is_that_of_the_element():
    files = changed("workflow.toml", 'guard = "facts"', 'guard = "facs"')
    lines = files["workflow.toml"].decode().split("\n")
    assert [problem.line for problem in problems(files)] == [lines.index('guard = "facs"') + 1]


def test_words_only_needs_no_embedder():
    assert problems(changed("workflow.toml", "passages = 5", 'embedder = "none"')) == ()


def test_without_lists_of_names_no_name_is_judged():
    files = changed("workflow.toml", 'guard = "facts"', 'guard = "anything"')
    assert read_files(files, Known()).problems == ()


def test_a_second_target_is_fine():
    free = 'price = { input_per_million = 0, output_per_million = 0, currency = "EUR" }'
    assert problems(changed("workflow.toml", CHAIN, f"{GOOD}\n{free}\n{CHAIN}")) == ()
    assert problems(valid()) == ()


@pytest.mark.parametrize(
    ("chain", "said"),
    [(GOOD, 'unknown_price = "allow"'), (PRICED, 'unknown_price = "refuse"\nexchange = { USD = "0.9" }')],
)
def test_a_price_that_nobody_knows_can_be_allowed_and_one_in_another_currency_exchanged(chain: str, said: str):
    files = changed("workflow.toml", CHAIN, chain)
    files["workflow.toml"] = files["workflow.toml"].replace(b'unknown_price = "refuse"', said.encode())
    assert problems(files) == ()


def test_without_a_word_an_unknown_price_is_refused():
    files = changed("workflow.toml", CHAIN, GOOD)
    files["workflow.toml"] = files["workflow.toml"].replace(b'unknown_price = "refuse"\n', b"")
    assert [problem.message[:12] for problem in problems(files)] == ["Nobody knows"]


def test_the_line_is_that_of_the_key():
    files = changed("workflow.toml", CHAIN, f"{CHAIN}\ntimeout_seconds = 61")
    lines = files["workflow.toml"].decode().split("\n")
    assert [problem.line for problem in problems(files)] == [lines.index("timeout_seconds = 61") + 1]
