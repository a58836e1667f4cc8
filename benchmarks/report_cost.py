"""CPU seconds that a bilingual report costs, and what the usual commands cost for the same notebook.

The budget: both languages, HTML and PDF, within 1.6 times the CPU seconds of one process's imports plus the
cells of both notebooks. Prints imports, cells, exports, total and the ratio, best of several runs; then the
peer, `papermill` and `jupyter nbconvert --to html` as commands, once for each language::

    python benchmarks/report_cost.py notebooks/quarterly_evaluation.ipynb -p period 2026Q3
    python benchmarks/report_cost.py            # a small stand-in notebook
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

BUDGET = 1.6
LANGUAGES = ("zh", "en")

STAND_IN = [
    "language = 'en'",
    "import io\nimport numpy as np\nimport pandas as pd\nimport seaborn as sns\n"
    "from matplotlib.figure import Figure\nfrom IPython.display import SVG",
    "rows = pd.DataFrame({'team': np.repeat(list('ABCD'), 500), 'score': np.arange(2000) * 7 % 11})\n"
    "rows.groupby('team').score.describe()",
    "figure = Figure(figsize=(6, 3))\nsns.histplot(rows, x='score', hue='team', ax=figure.subplots())\n"
    "text = io.StringIO()\nfigure.savefig(text, format='svg')\nSVG(text.getvalue())",
]


def stand_in(folder: Path) -> Path:
    from nbformat import write
    from nbformat.v4 import new_code_cell, new_notebook

    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nb = new_notebook(cells=list(map(new_code_cell, STAND_IN)), metadata={"kernelspec": kernel})
    nb.cells[0].metadata["tags"] = ["parameters"]
    write(nb, folder / "stand_in.ipynb")
    return folder / "stand_in.ipynb"


def cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def measure(notebook: Path, parameters: dict[str, object], out: Path) -> dict[str, float]:
    """Render in this process, as the command line does, and return CPU seconds by part."""
    from survey_kpi.report import children, runs

    jobs = [
        runs.RenderJob(
            notebook=notebook,
            parameters={**parameters, "language": language},
            out_ipynb=Path(f"{language}.ipynb"),
            out_html=Path(f"{language}.html"),
            out_pdf=Path(f"{language}.pdf"),
        )
        for language in LANGUAGES
    ]
    imports = 0.0

    def note_imports(event: runs.Event) -> None:
        nonlocal imports
        imports = imports or cpu(resource.RUSAGE_SELF)

    outcomes = runs.render(jobs, root=out, on_event=note_imports)
    for outcome in outcomes:
        if outcome.error:
            raise SystemExit(f"{outcome.error}\n{outcome.traceback}")
    stages = {
        stage: sum(outcome.cpu_seconds[stage] for outcome in outcomes) for stage in outcomes[0].cpu_seconds
    }
    total = cpu(resource.RUSAGE_SELF) + cpu(resource.RUSAGE_CHILDREN)
    forked = float(children.can_fork())
    return {"imports": imports, **stages, "total": total, "forked": forked}


def peer(notebook: Path, parameters: dict[str, object], out: Path) -> float:
    """Return the CPU seconds of papermill and nbconvert as commands."""
    before = cpu(resource.RUSAGE_CHILDREN)
    python = [sys.executable, "-m"]
    for language in LANGUAGES:
        made = str(out / f"peer.{language}.ipynb")
        values = yaml.safe_dump({**parameters, "language": language})
        commands = [
            [*python, "papermill", str(notebook), made, "-y", values],
            [*python, "nbconvert", "--to", "html", made],
        ]
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
    return cpu(resource.RUSAGE_CHILDREN) - before


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("notebook", nargs="?", type=Path)
    parser.add_argument("-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def again(notebook: Path, values: list[list[str]], out: Path) -> dict[str, float]:
    """Measure in a fresh process, so that its imports count."""
    command = [sys.executable, __file__, str(notebook), "--measure", "--out", str(out)]
    command += [word for name, value in values for word in ("-p", name, value)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def main() -> None:
    asked = arguments()
    parameters = {name: yaml.safe_load(value) for name, value in asked.p}
    if asked.measure:
        print(json.dumps(measure(asked.notebook, parameters, asked.out)))
        return
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        notebook = asked.notebook or stand_in(out)
        best = min(
            (again(notebook, asked.p, out / str(turn)) for turn in range(asked.repeat)),
            key=lambda found: found["total"],
        )
        base = best["imports"] + best["cells"]
        print(
            f"{notebook.name}, {' and '.join(LANGUAGES)}, HTML and PDF; best of {asked.repeat}; CPU seconds"
        )
        for part in ("imports", "cells", "html", "pdf", "total"):
            print(f"  {part:8} {best[part]:7.2f}")
        print(f"  ratio    {best['total'] / base:7.2f}  (budget {BUDGET}; forked: {bool(best['forked'])})")
        print(f"  peer     {peer(notebook, parameters, out):7.2f}  papermill and nbconvert --to html, no PDF")


if __name__ == "__main__":
    main()
