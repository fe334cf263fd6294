"""Blocks of Python in the book: they run in order, page by page, and print what is shown below them.

The files of the book are checked as a whole, its commands too, by the tests of the command line.
"""

import contextlib
import io
import os
import re

import pytest

from conftest import ROOT

PAGES = sorted(path for path in (ROOT / "book" / "src").rglob("*.md") if "```python\n" in path.read_text(encoding="utf-8"))

# A block, and the block of text right below it where there is one.
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)


def test_there_are_pages_with_python():
    assert PAGES


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page(path):
    text = path.read_text(encoding="utf-8")
    space, before, shown, got = {}, os.getcwd(), [], text
    os.chdir(ROOT)
    try:
        for code, expected in BLOCK.findall(text):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(code, path.name, "exec"), space)
            shown.append((code, expected, said.getvalue()))
    finally:
        os.chdir(before)
    assert len(shown) == text.count("```python\n")
    if os.environ.get("PANELYST_BLESS"):
        for code, _, said in shown:
            got = re.sub(
                re.escape(f"```python\n{code}```\n\n```text\n") + r".*?^```$",
                lambda _, code=code, said=said: f"```python\n{code}```\n\n```text\n{said}```",
                got,
                flags=re.DOTALL | re.MULTILINE,
            )
        path.write_text(got, encoding="utf-8")
        return
    for code, expected, said in shown:
        assert said == expected, code
