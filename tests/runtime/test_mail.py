import pytest

from leitstand.runtime.mail import MailParts, split_mail

QUESTION = "Guten Tag,\n\nwann ist geöffnet?"
HISTORY = [
    "Am 3. Mai 2024 um 10:12 schrieb Max Muster <max@example.org>:\n> alt\n>\n> älter",
    "Am Fr., 3. Mai 2024 um 10:12 Uhr schrieb Max Muster <\nmax@example.org>:\n\n> alt\n> älter",
    "On Fri, 3 May 2024 at 10:12, Max <max@example.org> wrote:\n> old\n> older",
    "On Friday, 3 May 2024\nat 10:12, Max <max@example.org>\nwrote:\nold text without marks",
    "-----Ursprüngliche Nachricht-----\nVon: Max\nGesendet: Freitag\nAn: uns\nBetreff: alt\n\nAlter Text.",
    "-----Original Message-----\nFrom: Max\n\nOld text.",
    "---------- Forwarded message ---------\nFrom: Max\n\nOld text.",
    "________________________________\nVon: Max\nGesendet: Freitag\nAn: uns\nBetreff: alt\n\nAlter Text.",
    "From: Max\nSent: Friday\nTo: us\nSubject: old\n\nOld text.",
    "*Von:* Max\n*Datum:* Freitag\n*An:* uns\n\nAlter Text.",
]
SIGNATURES = [
    "--\nErika Muster\nTel. 030 123",
    "Mit freundlichen Grüßen\nErika Muster\nMuster GmbH\nTel.: 030 123456\nwww.example.org",
    "Kind regards\nErika\n\nMuster Ltd\nPhone: +44 20 7946 0000",
    "Von meinem iPhone gesendet",
    "Sent from my Pixel",
]


@pytest.mark.parametrize("history", HISTORY)
def test_history_is_separated(history: str):
    assert split_mail(f"{QUESTION}\n\n{history}") == MailParts(text=QUESTION, quoted=history)


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signatures_are_separated(signature: str):
    assert split_mail(f"{QUESTION}\n\n{signature}") == MailParts(text=QUESTION, signature=signature)


@pytest.mark.parametrize("history", HISTORY)
def test_both_are_separated(history: str):
    whole = f"{QUESTION}\n\n{SIGNATURES[1]}\n\n{history}"
    assert split_mail(whole) == MailParts(text=QUESTION, quoted=history, signature=SIGNATURES[1])


@pytest.mark.parametrize(
    "text",
    [
        f"{QUESTION}\n\nMit freundlichen Grüßen\nErika Muster",
        "Am Montag schrieb er mir: nichts.",
        "Am Montag schrieb er:",
        "On the wall someone wrote: help",
        "Preis\n> 100 Euro",
        "Von: Berlin\nNach: Hamburg\nwas kostet das?",
        "Grüße\nsind nett, Tel. hin oder her",
        "> nur\n> Zitat",
        HISTORY[4],
        SIGNATURES[0],
        "",
        "a -- b\n--- c ---",
    ],
)
def test_text_stays_text(text: str):
    """A closing with a name, stories, comparisons, and mails that are nothing but history."""
    assert split_mail(text) == MailParts(text=text)


def test_answers_between_quotes_stay_in_order():
    mail = "Am 3. Mai 2024 schrieb A:\n> Frage 1?\n> Bitte.\nJa.\n\n> Frage 2?\n> Danke.\nNein."
    parts = split_mail(mail)
    assert parts.text == "Ja.\n\nNein."
    assert parts.quoted.startswith("Am 3. Mai 2024 schrieb A:\n> Frage 1?")
    assert parts.quoted.endswith("> Danke.")


def test_one_quoted_line_below_its_attribution_is_history():
    parts = split_mail("Hallo,\n\nAm 3. Mai 2024 schrieb A:\n> Geht das?\n\nJa, das geht.")
    assert parts == MailParts(text="Hallo,\n\nJa, das geht.", quoted="Am 3. Mai 2024 schrieb A:\n> Geht das?")


def test_a_long_end_is_text_and_no_signature():
    mail = "Frage\n--\n" + "\n".join(f"Punkt {number}" for number in range(30))
    assert split_mail(mail).signature == ""
