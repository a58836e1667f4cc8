"""Write the JSON Schemas with which editors complete and check study files, from the models.

python scripts/write_schemas.py
"""

from __future__ import annotations

import json
from pathlib import Path

from survey_kpi.study.load import FILES

TARGET = Path(__file__).resolve().parents[1] / "src" / "survey_kpi" / "study" / "schemas"


def schemas() -> dict[str, str]:
    """Return the text of every schema by file name."""
    made = {}
    for name, model in FILES.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        made[f"{name}.schema.json"] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    return made


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (TARGET / name).write_text(text, encoding="utf-8")
