"""What readers are told to type."""

import contextlib
import io
import json
import os

import pytest

from conftest import ROOT


@pytest.fixture()
def at_the_root():
    before = os.getcwd()
    os.chdir(ROOT)
    yield
    os.chdir(before)


def test_the_readme(at_the_root):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    assert len(code.splitlines()) == 5
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "README.md", "exec"), {})
    assert "log(p_cap)" in said.getvalue() and "unemp" in said.getvalue()


def test_the_notebook(at_the_root):
    notebook = json.loads((ROOT / "examples" / "python" / "us-states.ipynb").read_text(encoding="utf-8"))
    space, cells = {}, 0
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                exec(compile(source, cell["id"], "exec"), space)
                cells += 1
                assert not any(output["output_type"] == "error" for output in cell["outputs"])
    assert cells > 10
