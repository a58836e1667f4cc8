"""Characters that the fonts lack: in our words and labels they stop the run, in names they are shown."""

import pytest

from survey_kpi.errors import ReportError
from survey_kpi.evaluation import open_study
from survey_kpi.report.labels import check_labels, replaced_glyphs
from survey_kpi.study.models import Text

MISSING = "\U0001f600"


@pytest.fixture(scope="module")
def sample(root):
    return open_study(root / "studies/sample")


def test_the_shipped_studies_and_wording_can_be_printed(sample, root):
    check_labels(sample)
    check_labels(open_study(root / "studies/sfo"))


def test_a_label_is_named_by_file_key_and_character(sample):
    first = sample.indicators.indicators[0].model_copy(update={"label": Text(zh=f"满意{MISSING}", en="x")})
    sheets = (first, *sample.indicators.indicators[1:])
    changed = sample.model_copy(
        update={"indicators": sample.indicators.model_copy(update={"indicators": sheets})}
    )
    with pytest.raises(ReportError) as refusal:
        check_labels(changed)
    assert refusal.value.code == "missing_glyph"
    assert "indicators.yaml: indicators[0].label.zh" in str(refusal.value) and "1F600" in str(refusal.value)


def test_names_from_data_become_audit_rows():
    rows = replaced_glyphs(["王芳", f"a{MISSING}", f"a{MISSING}"], "subject")
    assert rows[["rule", "value", "detail"]].to_numpy().tolist() == [
        ["glyph_replaced", f"a{MISSING}", "a[U+1F600]"]
    ]
    assert replaced_glyphs([], "file").empty
