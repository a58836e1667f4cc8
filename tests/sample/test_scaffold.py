"""A new study is complete, loads as it is, and never overwrites anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from survey_kpi.errors import RunError, SpecError
from survey_kpi.sample import scaffold
from survey_kpi.study import KpiWords, Vocabulary, load_study

WORDS = Vocabulary(
    formats={"wenjuanxing"},
    rules={"duplicate": (), "missing_share": ("above",)},
    kpis={
        "A01": KpiWords(measures={"top_box": "percent"}, headline="top_box", roles=("overall", "item")),
        "A07": KpiWords(measures={"nps": "points"}, headline="nps", roles=("ltr",), default_anchor=None),
    },
    weight_methods={},
    judgement_methods=(),
    random_indices={"alonso_lamata"},
    fields=(),
)


def test_a_new_study_loads_and_has_its_rows(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "our-survey"
    written = scaffold(folder)
    assert written == sorted(path for path in folder.rglob("*") if path.is_file())
    study = load_study(folder, vocabulary=WORDS)
    assert study.study.name == "our_survey"
    data = Path(study.data_dir)
    for source in study.study.sources:
        assert len(list(data.glob(source.file))) == 2
    assert (data / str(study.study.tables["specialists"].file)).is_file()
    header = (data / "wjx_2026q3.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    for item in study.codebook.items:
        assert item.question.zh in header


def test_every_file_names_a_schema_that_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    scaffold(folder)
    for path in folder.glob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert (folder / first.partition("$schema=")[2]).is_file()


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    assert scaffold(tmp_path / "study")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_stands_there_stays(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "study"
    if kind == "file":
        target.write_text("mine")
    elif kind == "folder":
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    else:
        target.symlink_to(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SpecError) as caught:
        scaffold(target)
    assert caught.value.code == "target_not_empty"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(RunError, match="No space left") as caught:
        scaffold(tmp_path / "study")
    assert caught.value.code == "disk"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_files_are_readable_by_others_as_the_mask_allows(tmp_path: Path) -> None:
    scaffold(tmp_path / "study")
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "study").stat().st_mode == (tmp_path / "plain").stat().st_mode
