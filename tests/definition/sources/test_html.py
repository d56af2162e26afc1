"""Is HTML read as a browser shows it, also when it is broken or hostile?"""

import time

import pytest

from leitstand.definition.sources.html import read_html, read_markup


def shown(markup):
    return [(section.title, *section.blocks) for section in read_markup("a.html", markup)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a<p>b", [("", "a", "b")]),
        ("<p hidden>no<p>yes", [("", "yes")]),
        ("<div hidden><p>no</p></div>yes", [("", "yes")]),
        ("<div aria-hidden=true>no</div>yes", [("", "yes")]),
        ("<DIV STYLE='visibility:hidden'>no</DIV>yes", [("", "yes")]),
        ("<script>if (a < b) '</p>'</SCRIPT >yes", [("", "yes")]),
        ("<script>never closed <p>no", []),
        ("<!-- <p>no</p> --><p>yes", [("", "yes")]),
        ("<!-- never closed <p>no", []),
        ("3 < 4 &amp;&nbsp;5 &gt; 4 &#228;", [("", "3 < 4 & 5 > 4 ä")]),
        ('<p title="a > b" class=\'"\'>x</p>', [("", "x")]),
        ('<p title="never closed>x</p>', [("", "x")]),
        ("<b>a</b><i>b</i> c", [("", "ab c")]),
        ("a<br>b<hr/>c", [("", "a", "b", "c")]),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", [("", "a", "b", "c")]),
        ("<dl><dt>k<dd>v</dl>", [("", "k", "v")]),
        ("<pre>a\n  b\n\nc</pre>", [("", "a", "b", "c")]),
        ("<title>T</title>a<h1>H</h1>b", [("T", "a"), ("H", "b")]),
        ("<h1>A</h1><h3>B</h3>x<h2>C</h2>y<h1>D</h1>z", [("A › B", "x"), ("A › C", "y"), ("D", "z")]),
        ("<h1>A</h1><h2>B</h2><h2>C</h2>x<h1>D</h1>", [("A › B", "B"), ("A › C", "x"), ("D", "D")]),
        ("<h1></h1>x", [("", "x")]),
        ("</div></p>x", [("", "x")]),
        ("<İ>x</i>", [("", "<İ>x")]),
    ],
)
def test_what_a_reader_sees(markup, expected):
    assert shown(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<tr><td>a<td>b", ["a", "b"]),
        ("<table><tr><td>a<td>b</table>", ["a; b"]),
        ("<table><tr><td>k<td>v<tr><td>1<td>2</table>", ["k: 1; v: 2"]),
        ("<table><tr><td>2024<td>2025<tr><td>1<td>2</table>", ["2024; 2025", "1; 2"]),
        ("<table><tr><th>2024<th>2025<tr><td>1<td>2</table>", ["2024: 1; 2025: 2"]),
        ("<table><tr><th>k<th>v<tr><td>1<td>2<td>3</table>", ["k: 1; v: 2; 3"]),
        ("<table><tr><th>k<th>v<tr><td><td>2</table>", ["v: 2"]),
        ("<table><tr><td>only<tr><td>one column</table>", ["only", "one column"]),
        ("<table><tr><td>a<table><tr><td>in<td>ner</table><td>b</table>", ["a in ner; b"]),
        ("<table><caption>c</caption><thead><tr><th>k<th>v</thead><tr><td>1<td>2</table>", ["c", "k: 1; v: 2"]),
        ("<table><tr><td>a<p>b</p><td hidden>no</table>", ["a b"]),
    ],
)
def test_rows_carry_the_names_of_their_columns(markup, expected):
    (section,) = read_markup("a.html", markup)
    assert list(section.blocks) == expected


def test_the_declared_encoding_counts():
    page = '<meta charset="iso-8859-15"><p>5 €'.encode("iso-8859-15")
    assert read_html("a.html", page)[0].blocks == ("5 €",)


@pytest.mark.parametrize("declared", ["utf-8", "no-such-codec", "rot13"])
def test_a_declaration_that_is_wrong_does_not(declared):
    page = f'<meta charset="{declared}"><p>Größe'.encode("cp1252")
    assert read_html("a.html", page)[0].blocks == ("Größe",)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        "<a ",
        "&",
        "<p>",
        "<div>",
        "</div>",
        "<![CDATA[",
        "<table><tr><td>",
        "<?",
        '<a ">',
        "<a b='>",
        "<h1>a",
    ],
)
def test_hostile_markup_takes_linear_time(piece):
    started = time.process_time()
    read_markup("a.html", piece * (300_000 // len(piece)))
    assert time.process_time() - started < 10
