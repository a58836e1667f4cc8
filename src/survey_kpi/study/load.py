"""Study files to a `Study`: read, validated and cross-checked as a whole before any row is read.

Every mistake of all files is collected and raised at once, with file, key path and line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from survey_kpi.errors import Problem, SpecError
from survey_kpi.study import (
    check_codebook,
    check_goals,
    check_judgements,
    check_plan,
    check_rewards,
    check_rules,
    check_study,
)
from survey_kpi.study.document import Document, read
from survey_kpi.study.draft import Draft
from survey_kpi.study.goals import Goals
from survey_kpi.study.models import Codebook, Indicators, Rules, Study, StudyFile
from survey_kpi.study.scales import on_item_scale
from survey_kpi.study.shape import Parts, read_parts
from survey_kpi.study.vocabulary import Vocabulary

FILES: Mapping[str, type[BaseModel]] = {
    "study": StudyFile,
    "codebook": Codebook,
    "indicators": Indicators,
    "rules": Rules,
    "goals": Goals,
}
"""The files of a study, `<name>.yaml`, each with its model."""

OPTIONAL: Mapping[str, Mapping[str, object]] = {"goals": {"schema_version": 1}}
"""Files that a study may leave out, each with what is then declared."""


def load_study(
    folder: Path, *, data_dir: Path | None = None, vocabulary: Vocabulary, judged: bool = True
) -> Study:
    """Read the declarations in a folder.

    Parameters
    ----------
    folder
        Folder with `study.yaml`, `codebook.yaml`, `indicators.yaml` and `rules.yaml`; `goals.yaml` may be
        left out.
    data_dir
        Folder of the rows; `data` inside the study folder by default. It need not exist yet.
    vocabulary
        Names that the tables of the rooms above define.
    judged
        Read the files of judgements too; those who are about to collect them have none yet.

    Raises
    ------
    SpecError
        All mistakes of all files at once; its code is that of the first.
    """
    documents = {name: _document(folder, name) for name in FILES}
    parts = Parts()
    for name, model in FILES.items():
        read_parts(name, model, documents[name], parts)
    data_dir = data_dir or folder / "data"
    draft = Draft(documents=documents, parts=parts, words=vocabulary, folder=folder, data_dir=data_dir)
    problems = [*parts.problems, *cross_checked(draft, judged=judged)]
    if problems:
        raise SpecError.collect(_in_reading_order(problems, documents))
    rules, codebook = parts.assembled("rules", Rules), parts.assembled("codebook", Codebook)
    declared = parts.assembled("indicators", Indicators)
    study = Study(
        study=parts.assembled("study", StudyFile),
        codebook=codebook,
        indicators=declared.model_copy(
            update={
                "indicators": tuple(
                    on_item_scale(sheet, codebook, vocabulary.kpis[sheet.kpi].default_anchor)
                    for sheet in declared.indicators
                )
            }
        ),
        rules=rules.model_copy(update={"bands": tuple(sorted(rules.bands, key=lambda band: band.low))}),
        goals=parts.assembled("goals", Goals),
        root=str(folder),
        data_dir=str(data_dir),
        rule_hash="",
    )
    return study.model_copy(update={"rule_hash": rule_hash(study, judged=judged)})


def _document(folder: Path, name: str) -> Document:
    path = folder / f"{name}.yaml"
    left_out = name in OPTIONAL and not path.exists()
    return Document(name=path.name, data=dict(OPTIONAL[name])) if left_out else read(path)


def cross_checked(draft: Draft, *, judged: bool = True) -> list[Problem]:
    """Return what does not fit together; a check waits while a part that it needs as a whole is broken."""
    checks = (
        *check_codebook.CHECKS,
        *check_study.CHECKS,
        *check_rules.CHECKS,
        *check_rewards.CHECKS,
        *check_plan.CHECKS,
        *check_goals.CHECKS,
        *check_judgements.CHECKS,
        *(check_judgements.FILE_CHECKS if judged else ()),
    )
    ready = [check for check, needs in checks if draft.parts.broken.isdisjoint(needs)]
    return [problem for check in ready for problem in check(draft)]


def load_codebook(path: Path) -> Codebook:
    """Read one codebook on its own, such as that of an earlier period.

    Raises
    ------
    SpecError
        All mistakes of its form at once.
    """
    document, parts = read(path), Parts()
    read_parts("codebook", Codebook, document, parts)
    if parts.problems:
        raise SpecError.collect(parts.problems)
    return parts.assembled("codebook", Codebook)


def _in_reading_order(problems: list[Problem], documents: Mapping[str, Document]) -> list[Problem]:
    """Sort by file and line, as somebody who repairs them goes through the files."""
    order = {document.name: place for place, document in enumerate(documents.values())}

    def place(problem: Problem) -> tuple[int, int]:
        file, _, line = problem.where.partition(", line ")
        number = line.split(",")[0]
        return order.get(file.split(":")[0], len(order)), int(number) if number.isdigit() else 0

    return sorted(dict.fromkeys(problems), key=place)


def rule_hash(study: Study, *, judged: bool = True) -> str:
    """Return sha256 over all that is declared, defaults and judgements too, but not layout or folder."""
    declared = {name: getattr(study, name).model_dump(mode="json") for name in FILES}
    for key in check_judgements.LAYOUTS if judged else ():
        file = getattr(study.rules.indicator_weights, key)
        if file:
            lines = (Path(study.root) / file).read_text(encoding="utf-8-sig").splitlines()
            declared[key] = [line.rstrip() for line in lines if line.strip()]
    text = json.dumps(declared, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
