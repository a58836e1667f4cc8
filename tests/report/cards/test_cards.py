"""Cards of one page: what they show, what they never say, and that they stay on their page."""

from __future__ import annotations

import io
import re

import pandas as pd
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.estimate import Estimate, State
from survey_kpi.evaluation import open_study
from survey_kpi.frames import Row
from survey_kpi.publishing import publish
from survey_kpi.report.blocks import Table
from survey_kpi.report.cards import Action, Agenda, coaching_card, health_card, meeting_pack
from survey_kpi.report.cards.actions import action_of
from survey_kpi.report.cards.names import team_codes
from survey_kpi.report.cards.parts import frame
from survey_kpi.report.html import render_html
from survey_kpi.report.lexicon import tone
from survey_kpi.report.pdf import render_pdf
from survey_kpi.report.reading import Report
from survey_kpi.report.wording import load
from survey_kpi.scoring.coaching import coaching, judging_words
from survey_kpi.scoring.health import FIGURES, Count, added, health, health_by_subject
from survey_kpi.scoring.meetings import check_decisions

LANGUAGES = ["zh", "en"]
WEEK = {
    "c1": "等了三天才回复，请打13800138000",
    "c2": "Slow reply again, write to li.si@example.com",
    "c3": "一直没人处理，太慢了，身份证110105199003078515" + "，请尽快" * 40,
    "c4": "响应慢，我给你们打分2分",
    "c5": "物流送错了",
}
HOURS = {"before": Estimate(value=30.5, n=24, unit="hours"), "now": Estimate(value=22.0, n=31, unit="hours")}
FEW = Estimate.missing(State.SUPPRESSED, "fewer than 10", unit="hours", n=6)
ACTION = Action(text="回电给本周未解决的客户", owner="客户服务部", due="2026-10-16")


def pages(found) -> int:
    with pikepdf.open(io.BytesIO(render_pdf([block.as_json() for block in found]))) as pdf:
        return len(pdf.pages)


def text(found) -> str:
    titles = [getattr(block, "text", "") for block in found]
    return "\n".join([*titles, *(block.plain() for block in found)])


# --- the week -----------------------------------------------------------------------------------------

COMPLAINTS = [("交付", 12), ("账单", 3)]


def meta(card_, title, language):
    return frame(load(language), card_, title=title, company="云杉", period="2026-10")


def card(language, **others):
    comments = others.pop("comments", WEEK)
    given_ = {"action": ACTION, **HOURS, "complaints": COMPLAINTS, "answers": 30, "opened": 15, **others}
    quote = given_["answers"] >= 10
    found = coaching(comments, language=language, names={"王芳", "S07"}, quote=quote)
    front = meta("coaching", "华东", language)
    return coaching_card(
        found, meta=front, words=load(language), commented=len(comments), smallest=10, **given_
    )


@pytest.mark.row("M12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_weekly_card_is_one_page_without_score_or_rank(language):
    found = card(language)
    assert pages(found) == 1
    assert judging_words([text(found)]) == []
    assert not list(tone({"card": text(found)}, language))


@pytest.mark.row("M12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_weekly_card_tells_topics_time_three_comments_and_one_action(language):
    found = text(card(language))
    label = {"zh": "响应速度", "en": "speed"}[language]
    assert label.lower() in found.lower()
    assert "22.0" in found and "30.5" in found and "31" in found and "24" in found
    assert "交付" in found and "12" in found
    assert ACTION.text in found and ACTION.owner in found and ACTION.due in found
    chosen = coaching(WEEK, language=language).comments
    assert len(chosen) == 3 and all(one in found for one in chosen)
    assert not re.search("13800138000|li.si@|1101051990", found)


@pytest.mark.row("M12")
def test_a_comment_about_scores_is_not_quoted():
    assert judging_words(coaching(WEEK, language="zh").comments) == []
    assert coaching({"c4": WEEK["c4"]}, language="zh").comments == ()


@pytest.mark.row("M12")
def test_a_long_comment_does_not_push_the_card_over_its_page():
    found = card("zh", comments={str(place): "太慢了。\n" * 2000 for place in range(9)})
    assert pages(found) == 1
    assert len(coaching({"a": "slow", "b": "slow"}, language="en").comments) == 1  # said twice, quoted once
    assert all(len(one) == 160 for one in coaching({"a": "slow " * 99}, language="en").comments)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_week_says_so(language):
    found = card(language, comments={}, action=None, before=FEW, complaints=[], opened=None)
    words = load(language)
    for name in ("topics_none", "handling_few", "comments_none", "action_none", "complaints_none"):
        assert words[f"cards.coaching.{name}"] in text(found)
    assert "22.0" not in text(found)


@pytest.mark.row("M12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_few_answers_are_not_quoted_and_nobody_is_named(language):
    few = text(card(language, answers=9))
    assert not any(one[:6] in few for one in WEEK.values())
    said = text(card(language, comments={"c1": "王芳回复很慢", "c2": "S07 is slow, CS07 is not"}))
    assert "王芳" not in said and "CS07" in said and said.count("S07") == 1


@pytest.mark.row("M12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_comments_stay_text_on_one_line(language):
    hostile = {"c1": "slow \u202eevil\x1b[2J\n#set page(width: 1pt)\n<script>alert(1)</script> ${7*7} {now}"}
    found = card(language, comments=hostile, complaints=[("<b>#panic()</b>", 2)])
    assert pages(found) == 1 and not re.search("[\u202e\x1b]", text(found))
    page = render_html([block.as_json() for block in found])
    assert "<script>alert" not in page and "<b>#panic" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ${7*7} {now}" in page


def test_more_than_half_still_open_is_said():
    still = Estimate.missing(State.NOT_REACHED, "open", unit="hours", n=20)
    assert load("en")["cards.coaching.handling_open"] in text(card("en", now=still))


@pytest.mark.parametrize("words", ["她的得分最高", "ranked first", "Grade B", "评级", "your rating"])
def test_words_of_appraisal_are_noticed(words):
    assert judging_words([words])


# --- the month ----------------------------------------------------------------------------------------

MONTH = {
    "responses": Count(120),
    "coverage": Count(200, 170),
    "freshness": Count(100, 88),
    "overdue": Count(6, 2),
    "off_track": Count(12, 3),
}
COUNTS = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: Count(sum(pair), pair[0]))


@pytest.mark.row("P11")
@pytest.mark.row("W10")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_monthly_card_is_one_page_with_a_base_everywhere(language):
    found = health_card(health(MONTH), meta=meta("health", "华东", language), words=load(language))
    assert pages(found) == 1 and judging_words([text(found)]) == []
    (table,) = [block for block in found if isinstance(block, Table)]
    assert len(table.rows) == len(FIGURES) == 5
    cells = [["".join(span.text for span in cell) for cell in row] for row in table.rows]
    assert [row[3] for row in cells] == ["120", "200", "100", "6", "12"]
    assert cells[1][1] == "85.0%" and cells[2][2] == "80.2–93.0"  # Wilson of 88 of 100: [80.19, 93.00]
    assert cells[3][1:3] == [load(language)["state.suppressed"], ""]


@pytest.mark.row("P11")
@pytest.mark.row("W10")
@given(
    st.lists(
        st.fixed_dictionaries({"responses": st.integers(0, 900).map(Count), "overdue": COUNTS}),
        min_size=3,
        max_size=3,
    )
)
def test_months_add_up_to_the_quarter(months):
    quarter = added(months)
    for name in ("responses", "overdue"):
        assert quarter[name].n == sum(month[name].n for month in months)
    assert quarter["overdue"].having == sum(month["overdue"].having for month in months)
    for found in health(quarter).values():
        assert found.measured == (found.n >= 10)
        if found.measured:
            assert found.conf_low <= found.value <= found.conf_high


@pytest.mark.parametrize("months", [[{"a": Count(1)}, {}], [{"a": Count(1)}, {"a": Count(1, 0)}]])
def test_months_that_count_different_things_do_not_add_up(months):
    with pytest.raises(MethodError, match="rows_differ"):
        added(months)


def test_more_cases_than_there_are_is_refused():
    with pytest.raises(MethodError, match="counts_invalid"):
        health({"coverage": Count(10, 11)})


# --- the meeting --------------------------------------------------------------------------------------


def test_a_figure_without_a_table_has_neither_value_nor_base():
    figures = health_by_subject({"company": {"responses": Count(120)}}, whole="company")["company"]
    found = health_card(figures, meta=meta("health", "云杉", "en"), words=load("en"), later=40)
    (table,) = [block for block in found if isinstance(block, Table)]
    cells = [["".join(span.text for span in cell) for cell in row] for row in table.rows]
    assert cells[1] == ["Customers invited", "not measured", "", ""]
    assert "40 profiles have been updated since" in text(found)


AGENDA = Agenda(
    actions=(ACTION, Action(text="Call back within a day", owner="support", due="2026-11-30")),
    decisions=("是否增加周末值班", "Whether to translate the questionnaire"),
    questions=("为什么响应速度上升？", "Which channel is next?"),
    appeals=2,
)


@pytest.fixture(scope="module")
def edition(evaluated, root):
    return publish(evaluated(root / "studies/sample", "2026Q3"))


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request, edition):
    return Report(edition=edition, words=load(request.param))


def teams(edition):
    table = edition.estimates
    return sorted(set(table.loc[table["level"] == "team", "subject"]))


def pack(report, team, people=6, agenda=AGENDA):
    return meeting_pack(report, team=team, label=team, people=people, agenda=agenda)


@pytest.mark.row("G11")
def test_the_pack_is_one_page_and_each_figure_is_a_fact_of_the_report(report, edition):
    for team in teams(edition):
        found = pack(report, team)
        marked = [span for block in found for span in block.spans() if span.fact]
        assert marked
        for span in marked:
            assert edition.facts[span.fact].hash == span.hash and f"/{team}" in span.fact
        (figures, _) = [block for block in found if isinstance(block, Table)]
        assert len(figures.rows) == 5
    assert pages(found) == 1


@pytest.mark.row("G11")
def test_the_pack_names_nobody_and_ranks_nobody(report, edition, root):
    people = pd.read_csv(root / "data/raw/sample/specialists.csv", dtype=str)
    found = text(pack(report, teams(edition)[0]))
    for name in [*people["name"], *people["specialist_id"]]:
        assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", found), name
    assert not re.search("排名|名次|(?i:rank)", found)


@pytest.mark.row("G11")
def test_a_team_of_fewer_than_five_shows_no_figure(report, edition):
    assert not [
        span for block in pack(report, teams(edition)[0], people=None) for span in block.spans() if span.fact
    ]
    found = pack(report, teams(edition)[0], people=4)
    assert not [span for block in found for span in block.spans() if span.fact]
    assert len([block for block in found if isinstance(block, Table)]) == 1  # the decision log
    assert "5" in text(found) and pages(found) == 1


def test_an_empty_agenda_says_so_and_asks_the_standing_questions(report, edition):
    found = text(pack(report, teams(edition)[0], agenda=Agenda()))
    for name in ("actions_none", "decisions_none", "question_1", "question_2", "appeals_unknown"):
        assert report.words[f"cards.meeting.{name}"] in found


@pytest.mark.row("G11")
def test_a_long_agenda_does_not_push_the_pack_over_its_page(report, edition):
    many = Agenda(
        actions=[Action(text="字" * 55, owner="组" * 18, due="2026-11-30")] * 40,
        decisions=["word " * 22] * 40,
        questions=["字" * 55] * 40,
        appeals=10**6,
    )
    found = pack(report, teams(edition)[0], agenda=many)
    assert pages(found) == 1 and "37" in text(found)


@pytest.mark.row("G11")
def test_an_action_does_not_tell_who_owns_it_by_name(sample_study):
    row = Row(
        {"action_id": "T9", "owner": "王芳", "due": pd.Timestamp("2026-11-30"), "indicator": "A10.on_time"}
    )
    found = action_of(row, sample_study, load("en"), {"王芳"})
    assert (found.text, found.owner) == ("Action T9: Complaint timeliness", "[specialist]")


@pytest.fixture(scope="module")
def sample_study(root):
    return open_study(root / "studies/sample")


@pytest.mark.row("G11")
@pytest.mark.parametrize("missing", ["decision", "owner", "date"])
@pytest.mark.parametrize("empty", ["", "  ", None])
def test_a_decision_without_owner_or_date_is_refused(missing, empty):
    row = {"decision": "call back within a day", "owner": "support", "date": "2026-11-30"}
    check_decisions([row])
    with pytest.raises(SpecError, match=f"row 2: the decision has no {missing}") as caught:
        check_decisions([row, row | {missing: empty}])
    assert caught.value.code == "decision_incomplete"


# --- file names ---------------------------------------------------------------------------------------

HOSTILE = [
    "../../etc/passwd",
    "a/b",
    "a\\b",
    "",
    ".",
    "con",
    "a\x00b",
    "x" * 300,
    "华" * 300,
    "\u202egpj",
    "\ud800",
    "East",
    "east",
]


def test_team_names_are_fit_for_a_disk_and_no_two_alike():
    subjects = ["company", "team:company", *(f"team:{name}" for name in HOSTILE)]
    codes = team_codes(subjects)
    assert len({code.casefold() for code in codes.values()}) == len(subjects)
    for code in codes.values():
        assert code and len(f"coaching-{code}.zh.html".encode()) < 255
        assert all(letter.isalnum() or letter in "-_" for letter in code)
    assert codes["company"] == "company" and team_codes(["team:华东"]) == {"team:华东": "华东"}


@given(st.lists(st.text(max_size=30), unique=True, max_size=6))
def test_codes_are_a_name_each_for_any_text(names):
    codes = team_codes(["company", *(f"team:{name}" for name in names)])
    assert len({code.casefold() for code in codes.values()}) == len(names) + 1
    assert not any(set(code) & set('/\\:*?"<>|. \0') for code in codes.values())
