"""Write the rows of the sample study, or check that the committed files are still what the generator makes.

python scripts/make_sample.py            write data/raw/sample
python scripts/make_sample.py --check    name the files that differ
"""

from __future__ import annotations

import sys
from pathlib import Path

from survey_kpi.sample import YUNLING, generate

TARGET = Path(__file__).resolve().parents[1] / "data" / "raw" / "sample"


def main(arguments: list[str]) -> int:
    files = generate(YUNLING)
    differ = [name for name in files if _current(name) != files[name]]
    if arguments == ["--check"]:
        print("\n".join(f"differs: {name}" for name in differ) or "the sample is up to date")
        return 1 if differ else 0
    if arguments:
        print(__doc__)
        return 2
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in differ:
        (TARGET / name).write_bytes(files[name])
        print(f"written: {name}")
    return 0


def _current(name: str) -> bytes | None:
    path = TARGET / name
    return path.read_bytes() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
