"""The appraisal edition page by page, in both languages, from the same facts; people stand there by name."""

import dataclasses
import re
import shutil
from collections import Counter
from decimal import Decimal

import pandas as pd
import pytest

from survey_kpi.evaluation import evaluate
from survey_kpi.evaluation.appraisal import appraise
from survey_kpi.publishing import publish
from survey_kpi.report import appraisal as page
from survey_kpi.report.blocks import Bullets, Columns, Heading, Meta, Note, Table
from survey_kpi.report.html import render_html
from survey_kpi.report.lexicon import tone
from survey_kpi.report.pdf import render_pdf

PAGES = ("cover", "scores", "decisions", "indicators", "goals", "colleagues", "incidents", "rewards", "tiers")
PAGES = (*PAGES, "plan")
LANGUAGES = ("zh", "en")
ORDER = ("above the others", "not distinguishable", "below the others", "not tested")


def in_both(found):
    return {language: page.opened(found, language) for language in LANGUAGES}


def blocks(report, names=PAGES):
    return [block for name in names for block in [*page.heading(report, name), *getattr(page, name)(report)]]


def flat(found, kind):
    for block in found:
        if isinstance(block, kind):
            yield block
        if isinstance(block, Columns):
            for column in block.columns:
                yield from flat(column, kind)


def words_of(found):
    titles = [block.text for block in flat(found, Heading)]
    notes = [block.title for block in flat(found, Note)]
    return "\n".join([*titles, *notes, *(block.plain() for block in found)])


def marked(found):
    return Counter((span.fact, span.hash) for block in found for span in block.spans() if span.fact)


@pytest.fixture(scope="module")
def appraisal(evaluated, root):
    return appraise(evaluated(root / "studies/sample", "2026Q3"))


@pytest.fixture(scope="module")
def reports(appraisal):
    return in_both(appraisal)


@pytest.fixture(scope="module")
def pages(reports):
    return {language: blocks(report) for language, report in reports.items()}


# --- every page -------------------------------------------------------------------------------------------


def test_both_languages_print_the_same_facts(pages, reports):
    assert marked(pages["zh"]) == marked(pages["en"])
    assert len(marked(pages["zh"])) > 1000
    for key, digest in marked(pages["zh"]):
        assert reports["zh"].edition.facts[key].hash == digest


def test_every_row_of_a_table_has_a_name(pages):
    for found in pages.values():
        for table in flat(found, Table):
            assert all("".join(span.text for span in row[0]).strip() for row in table.rows)


def test_no_word_shames_anybody_or_claims_a_cause(pages):
    for language, found in pages.items():
        assert list(tone({"appraisal": words_of(found)}, language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_print(reports, pages, language):
    document = [block.as_json() for block in [*page.front(reports[language]), *pages[language]]]
    assert render_pdf(document).startswith(b"%PDF")


def test_the_front_is_a_draft_until_somebody_signs(reports):
    assert next(b for b in page.front(reports["en"]) if isinstance(b, Meta)).draft == "DRAFT"
    assert next(b for b in page.front(reports["zh"]) if isinstance(b, Meta)).draft == "草稿"


def test_the_cover_says_who_may_see_it(reports):
    assert "committee" in words_of(page.cover(reports["en"]))
    assert "考核委员会" in words_of(page.cover(reports["zh"]))


# --- names ------------------------------------------------------------------------------------------------


@pytest.mark.row("W16")
def test_people_stand_here_by_name_and_in_no_other_edition(pages, reports, appraisal):
    text = words_of(pages["en"])
    people = reports["en"].people
    assert all(appraisal.names[person] in text and person in text for person in people)
    leadership = publish(appraisal.evaluation)
    assert leadership.scores.empty
    assert not any(key.endswith(f"/{person}") for key in leadership.facts for person in people)


def test_names_are_text_never_markup(appraisal):
    hostile = dict.fromkeys(appraisal.names, "<script>alert(1)</script> *x* #y $z$")
    report = page.opened(dataclasses.replace(appraisal, names=hostile), "en")
    document = [block.as_json() for block in [*page.front(report), *blocks(report)]]
    html = render_html(document)
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
    assert render_pdf(document).startswith(b"%PDF")


def test_people_are_never_ordered_by_value(reports):
    for report in reports.values():
        codes = [row[0][-1].text for row in next(flat(page.scores(report), Table)).rows]
        assert codes == sorted(codes)


def test_small_bases_of_people_are_withheld(appraisal):
    """With a larger smallest base, so that the sample study has people below it."""
    study = appraisal.evaluation.study
    evidence = study.rules.evidence.model_copy(update={"descriptive": 25})
    rules = study.rules.model_copy(update={"evidence": evidence})
    evaluation = dataclasses.replace(appraisal.evaluation, study=study.model_copy(update={"rules": rules}))
    edition, table = publish(evaluation, "appraisal"), evaluation.estimates
    people = {level.id for level in study.study.levels if level.people}
    scored = table["indicator"].isin(study.rules.scored) & table["level"].isin(people)
    small = table[scored & (table["state"] == "measured") & (table["n"] < 25)]
    assert len(small)
    for row in small.itertuples():
        fact = edition.facts[f"{row.period}/{row.indicator}.{row.measure}/{row.subject}"]
        assert fact.state == "suppressed"


# --- single pages -----------------------------------------------------------------------------------------


def test_each_score_is_on_the_side_of_its_band(reports, appraisal):
    bands = {band.id: band for band in appraisal.evaluation.study.rules.bands}
    table = next(flat(page.scores(reports["en"]), Table))
    shown = {row[0][-1].text: row[1][0].text for row in table.rows}
    for row in appraisal.evaluation.scores.itertuples():
        if row.state == "measured":
            assert bands[row.band].low <= float(shown[row.subject])


def test_a_capped_grade_says_what_it_was_and_why(reports, appraisal):
    capped = appraisal.evaluation.scores[appraisal.evaluation.scores["caps"] != ""]
    assert len(capped)
    text = words_of(page.indicators(reports["en"]))
    assert re.search(r"\(from [AB]: low reliability\)", text)


def test_goals_are_judged_with_how_sure_that_is(reports):
    text = words_of(page.goals(reports["en"]))
    assert "clearly met" in text and "clearly not met" in text
    assert "amended within the period, amends 1" in text
    assert "本期内修订，修订第1版" in words_of(page.goals(reports["zh"]))


def test_favour_pairs_are_named_to_look_at(reports, appraisal):
    told = words_of(page.colleagues(reports["en"]))
    names = appraisal.names
    assert f"{names['S02']} S02 and {names['S04']} S04 give each other the highest mark" in told
    assert "Nothing was deleted" in told


def test_leniency_is_shown_of_raters_of_several_people_only(reports, appraisal):
    sides = next(block for block in page.colleagues(reports["en"]) if isinstance(block, Columns))
    raters = [row[0][-1].text for table in flat([sides], Table) for row in table.rows]
    model, items = appraisal.colleagues.feedback.adjusted, appraisal.colleagues.items
    busy = [name for name, n in zip(model.raters, model.n_given, strict=True) if n > items]
    assert raters == busy and len(raters) < len(model.raters)


def test_groups_below_three_raters_are_suppressed(appraisal):
    found = appraisal.colleagues
    few = dataclasses.replace(
        found,
        feedback=dataclasses.replace(
            found.feedback,
            groups=tuple(
                dataclasses.replace(one, estimate=suppressed(one.estimate)) if one.group == "peer" else one
                for one in found.feedback.groups
            ),
        ),
    )
    report = page.opened(reappraised(appraisal, colleagues=few), "en")
    table = next(flat(page.colleagues(report), Table))
    place = [column.title for column in table.columns].index("Peers")
    assert all("suppressed" in "".join(span.text for span in row[place]) for row in table.rows)


def suppressed(estimate):
    return type(estimate).missing("suppressed", "fewer than 3 raters", unit="score", n=2)


def reappraised(appraisal, **parts):
    """Replace a part and record the facts again."""
    from survey_kpi.evaluation.appraisal.assess import _facts
    from survey_kpi.evaluation.appraisal.numbers import by_key

    found = dataclasses.replace(appraisal, **parts)
    return dataclasses.replace(found, facts=by_key(_facts(found)))


def test_raters_that_share_nobody_are_said_so(appraisal):
    found = appraisal.colleagues
    told = dataclasses.replace(found.feedback, adjusted=None, problem="… [raters_disconnected] Hint: …")
    report = page.opened(reappraised(appraisal, colleagues=dataclasses.replace(found, feedback=told)), "en")
    assert "who is lenient cannot be told" in page.HEADINGS["colleagues"](report)[1]
    assert "groups without a person in common" in words_of(page.colleagues(report))


def test_ticks_without_evidence_are_listed(reports, appraisal):
    listed = next(flat(page.incidents(reports["en"]), Bullets))
    assert len(listed.items) == len(appraisal.incidents.checklist.unproven) > 0


@pytest.mark.row("R08")
def test_tiers_stand_together_and_carry_no_places(reports, appraisal):
    table = next(flat(page.tiers(reports["en"]), Table))
    tiers = [row[0][0].text for row in table.rows]
    assert tiers == sorted(tiers, key=ORDER.index)
    assert len(table.rows) == len(appraisal.evaluation.scores)


@pytest.mark.row("W08")
def test_a_plan_of_money_and_results_is_doubted(appraisal):
    study = appraisal.evaluation.study
    sheets = tuple(
        sheet.model_copy(update={"financial": True, "tag": "result", "cost_hours": 2.0})
        for sheet in study.indicators.indicators
    )
    declared = study.indicators.model_copy(update={"indicators": sheets})
    changed = study.model_copy(update={"indicators": declared})
    from survey_kpi.evaluation.appraisal.plan import plan_balance

    evaluation = dataclasses.replace(appraisal.evaluation, study=changed)
    found = reappraised(appraisal, evaluation=evaluation, balance=plan_balance(evaluation))
    text = words_of(page.plan(page.opened(found, "en")))
    assert "More than half of the weight lies on money" in text and "No weight lies on process" in text
    assert f"{2 * len(sheets)}.0" in text
    assert "一半以上的权重属于财务类" in words_of(page.plan(page.opened(found, "zh")))


# --- studies that measure less, and that reward -----------------------------------------------------------


@pytest.fixture(scope="module")
def bare(tmp_path_factory, root):
    """The sample study without ratings, incidents and goals, its people by code alone."""
    folder = tmp_path_factory.mktemp("bare") / "sample"
    shutil.copytree(root / "studies/sample", folder)
    (folder / "goals.yaml").unlink()
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    for table in ("ratings360", "incidents"):
        text = re.sub(rf"^  {table}: .*\n", "", text, flags=re.MULTILINE)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    found = appraise(evaluate(folder, "2026Q3", data=root / "data/raw/sample"))
    return dataclasses.replace(found, names={})


@pytest.mark.slow
def test_what_is_not_measured_is_said_by_name(bare):
    reports = in_both(bare)
    found = {language: blocks(report) for language, report in reports.items()}
    assert marked(found["zh"]) == marked(found["en"])
    text = words_of(found["en"])
    for table in ("ratings360", "incidents", "specialists"):
        assert f"declares no table {table}" in text
    assert "has no goals.yaml" in text
    assert "S05" in text and "nan" not in re.findall(r"[a-z]+", text.lower())


REWARDS = """
rewards:
  pool: 10000
  table:
    - { id: full, label: { zh: 全额奖金, en: full bonus }, band: excellent, share: 1 }
    - { id: half, label: { zh: 半额奖金, en: half bonus }, band: solid, share: 0.5 }
    - { id: run, label: { zh: 连续优秀奖, en: streak award }, streak: true, amount: 500 }
  penalties:
    - { id: reduced, label: { zh: 减发, en: reduced }, band: solid, share: 0.5 }
  streak: { k: 2, threshold: 100 }
"""


@pytest.fixture(scope="module")
def rewarded(tmp_path_factory, root):
    """The sample study with a reward table, a short pool, and target bonuses for all but one."""
    folder = tmp_path_factory.mktemp("rewarded") / "sample"
    data = folder.parent / "data"
    shutil.copytree(root / "studies/sample", folder)
    shutil.copytree(root / "data/raw/sample", data)
    people = pd.read_csv(data / "specialists.csv", dtype=str)
    people["target_bonus"], people["currency"] = "1000.00", "CNY"
    people.loc[people["specialist_id"] == "S01", "target_bonus"] = None
    people.to_csv(data / "specialists.csv", index=False)
    rules = (folder / "rules.yaml").read_text(encoding="utf-8")
    rules = re.sub(r"(?ms)^rewards:.*?(?=^\S|\Z)", "", rules)
    (folder / "rules.yaml").write_text(rules + REWARDS, encoding="utf-8")
    return appraise(evaluate(folder, "2026Q3", data=data))


@pytest.mark.slow
@pytest.mark.row("R06")
def test_payouts_add_up_to_the_pool_to_the_cent(rewarded):
    reports = in_both(rewarded)
    found = {language: blocks(report, ["rewards"]) for language, report in reports.items()}
    assert marked(found["zh"]) == marked(found["en"])
    table = next(flat(found["en"], Table))
    place = [column.title for column in table.columns].index("Paid")
    cells = ["".join(span.text for span in row[place]).replace(",", "") for row in table.rows]
    *people, total = cells
    assert sum(Decimal(cell) for cell in people if cell != "–") == Decimal(total) == Decimal("10000.00")
    assert page.HEADINGS["rewards"](reports["en"])[1].startswith("The pool is short: 10,000.00 of")
    assert "target bonus not known" in words_of(found["en"])


@pytest.mark.slow
@pytest.mark.row("R05")
def test_a_penalty_waits_for_its_signature(rewarded):
    text = words_of(blocks(page.opened(rewarded, "en"), ["rewards"]))
    assert len(rewarded.rewards.penalties)
    assert "draft, nobody has signed" in text and "50.0%" in text


@pytest.mark.slow
@pytest.mark.row("R04")
def test_streaks_stand_beside_the_rate_of_luck(rewarded):
    runs = rewarded.rewards.streaks.assign(
        current=2, longest=2, reached="2026Q3", state="measured", reason=""
    )
    lucky = dataclasses.replace(rewarded.rewards, streaks=runs, luck=0.23456)
    text = words_of(blocks(page.opened(reappraised(rewarded, rewards=lucky), "en"), ["rewards"]))
    assert "the probability that anybody had such a streak would be 0.235" in text
    assert "2 quarters in a row, each with P ≥ 0.8 of a true score of at least 100" in text
    bare_runs = words_of(blocks(page.opened(rewarded, "en"), ["rewards"]))
    assert "no quarter with enough evidence" in bare_runs and "fell by lot" not in bare_runs


def test_a_month_grades_nobody(evaluated, root):
    found = in_both(appraise(evaluated(root / "studies/sample", "2026-08")))
    pages = {language: blocks(report) for language, report in found.items()}
    assert marked(pages["zh"]) == marked(pages["en"])
    assert "This period is too short for grades" in words_of(pages["en"])
    assert next(b for b in page.front(found["en"]) if isinstance(b, Meta)).draft == ""
