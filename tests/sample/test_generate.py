"""The sample is the same bytes everywhere, clean where it says so and dirty where it says so."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from survey_kpi.period import Period
from survey_kpi.sample import STARTER, YUNLING, generate
from survey_kpi.sample.comments import HOSTILE
from survey_kpi.sample.draws import choose, generator, normal, shuffled
from survey_kpi.sample.exports import GOOGLE_FORMS, OVERALL_EN, OVERALL_ZH, WENJUANXING
from survey_kpi.sample.world import DIRT, ITEMS

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return generate(YUNLING)


@pytest.fixture(scope="module")
def truths(files: dict[str, bytes]) -> Any:
    return json.loads(files["truths.json"])


def rows_of(name: str, content: bytes) -> Rows:
    encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") or "google" in name else "gb18030"
    columns = GOOGLE_FORMS if "google" in name else WENJUANXING
    header, *rows = csv.reader(io.StringIO(content.decode(encoding), newline=""))
    assert header == list(columns.values())
    return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def exports(files: dict[str, bytes]) -> dict[str, Rows]:
    return {name: rows_of(name, content) for name, content in files.items() if name.startswith("wjx")}


def test_the_committed_files_are_what_the_generator_makes(files: dict[str, bytes], root: Path) -> None:
    folder = root / "data" / "raw" / "sample"
    committed = {
        path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".csv", ".json"}
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in committed.items()}
    made = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert digests == made, "run python scripts/make_sample.py"
    assert sum(map(len, committed.values())) < 5_000_000


def test_another_seed_makes_other_answers() -> None:
    assert generate(replace(STARTER, seed=8)) != generate(STARTER)


def test_encodings_take_turns(files: dict[str, bytes]) -> None:
    marks = [files[f"wjx_{quarter.lower()}.csv"].startswith(b"\xef\xbb\xbf") for quarter in YUNLING.quarters]
    assert marks == [False, True] * 4
    with pytest.raises(UnicodeDecodeError):
        files["wjx_2026q2.csv"].decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        files["wjx_2026q2.csv"].decode("gbk")  # a character that only GB18030 has


def test_rows_are_numbered_in_order_of_time_within_their_quarter(exports: dict[str, Rows]) -> None:
    for name, rows in exports.items():
        assert [row["number"] for row in rows] == [str(place + 1) for place in range(len(rows))]
        year, quarter = int(name[4:8]), int(name[9])
        for row in rows:
            date, _ = row["at"].split(" ")
            assert int(date.split("/")[0]) == year
            assert (int(date.split("/")[1]) + 2) // 3 == quarter


def test_volume_is_uneven_between_people(truths: Any) -> None:
    for people in truths["sheets"].values():
        assert 900 <= sum(people.values()) <= 1300
    last = truths["sheets"]["2026Q3"]
    assert min(last.values()) >= 15
    assert max(last.values()) <= 150
    assert last["S05"] >= 120
    assert last["S17"] >= 120


def numbers(rows: Rows, kind: str, planted: dict[str, list[int]]) -> Rows:
    return [rows[number - 1] for number in planted[kind]]


def test_dirt_stands_where_the_truths_say(exports: dict[str, Rows], truths: Any) -> None:
    for name, rows in exports.items():
        planted = truths["dirt"][name]
        assert {kind: len(found) for kind, found in planted.items()} == dict(DIRT)
        everywhere = [number for found in planted.values() for number in found]
        assert len(everywhere) == len(set(everywhere))
        blank = numbers(rows, "blank", planted)
        assert {row[item] for row in blank for item in (*ITEMS, "ltr")} == {"(跳过)"}
        careless = numbers(rows, "careless", planted)
        assert all(len({row[item] for item in ITEMS[1:]}) == 1 for row in careless)
        fast = numbers(rows, "fast", planted)
        assert all(
            len({row[item] for item in ITEMS[1:]} | {str(1 + OVERALL_ZH.index(row["overall"]))}) > 1
            for row in fast
        )
        hurried = careless + fast
        assert all(int(row["duration"].removesuffix("秒")) < 20 for row in hurried)
        ranges = numbers(rows, "out_of_range", planted)
        assert sorted(row["ltr"] for row in ranges if row["ltr"] in {"11", "-1"}) == ["-1", "11"]
        assert sorted(v for row in ranges for v in (row["speed"], row["expertise"]) if int(v) > 5) == [
            "6",
            "99",
        ]
        words = numbers(rows, "not_a_number", planted)
        assert {row["ltr"] for row in words} | {row["attitude"] for row in words} >= {"非常愿意", "挺好的"}
        odd = [[row[item] for item in (*ITEMS[1:], "ltr")] for row in numbers(rows, "odd_digits", planted)]
        assert all(any(not (cell.isascii() and cell.isdigit()) for cell in row) for row in odd)
        unknown = {row["manager"] for row in numbers(rows, "unattributed", planted)}
        assert unknown == {"S99", "不记得了", "(跳过)"}
        assert {row["comment"] for row in numbers(rows, "hostile", planted)} == set(HOSTILE)


def test_every_other_cell_is_clean(exports: dict[str, Rows], truths: Any) -> None:
    for name, rows in exports.items():
        dirty = {number for found in truths["dirt"][name].values() for number in found}
        known = {person.id for person in YUNLING.people}
        for row in rows:
            if int(row["number"]) in dirty:
                continue
            assert row["overall"] in {*OVERALL_ZH, "(跳过)"}
            assert {row[item] for item in ITEMS[1:]} <= {*"12345", "(跳过)"}
            assert row["ltr"] in {*map(str, range(11)), "(跳过)"}
            assert row["manager"] in known
            assert int(row["duration"].removesuffix("秒")) >= 58


def test_a_duplicate_is_answered_again_later_by_the_same_customer(
    exports: dict[str, Rows], truths: Any
) -> None:
    for name, rows in exports.items():
        twice = {customer for customer, n in Counter(row["customer"] for row in rows).items() if n > 1}
        earlier = numbers(rows, "duplicate", truths["dirt"][name])
        assert {row["customer"] for row in earlier} == twice
        for row in earlier:
            (later,) = [other for other in rows[int(row["number"]) :] if other["customer"] == row["customer"]]
            assert later["manager"] == row["manager"]


def test_customers_come_back_in_other_quarters(exports: dict[str, Rows]) -> None:
    before, after = ({row["customer"] for row in exports[f"wjx_2026q{n}.csv"]} for n in (2, 3))
    assert 0.2 < len(before & after) / len(after) < 0.8


def test_overseas_customers_answer_in_english(files: dict[str, bytes]) -> None:
    rows = rows_of("google_forms_overseas.csv", files["google_forms_overseas.csv"])
    assert {row["at"][:4] for row in rows} == {"2026"}
    assert {row["overall"] for row in rows} <= {*OVERALL_EN, ""}
    assert all(row["at"].endswith("GMT+8") and row["customer"].startswith("E") for row in rows)
    assert "12:" in {row["at"].split(" ")[1][:3] for row in rows}


def test_people_answer_only_for_their_spells(exports: dict[str, Rows]) -> None:
    seen = {
        name: Counter(row["manager"] for row in rows if row["manager"] in {"S15", "S22"})
        for name, rows in exports.items()
    }
    assert seen["wjx_2025q2.csv"]["S22"] == 0 < seen["wjx_2025q4.csv"]["S22"]
    assert seen["wjx_2026q2.csv"]["S15"] == 0 < seen["wjx_2025q4.csv"]["S15"]
    last = [row["at"] for row in exports["wjx_2026q1.csv"] if row["manager"] == "S15"][-1]
    assert last.split(" ")[0] < "2026/3/2"


def test_spells_do_not_overlap_and_agree_on_the_person(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["specialists.csv"].decode())))
    assert len({row["specialist_id"] for row in rows}) == 24
    assert Counter(row["team"] for row in rows) == {"华东": 7, "华南": 7, "华北": 6, "西南": 6}
    moved = [row for row in rows if row["specialist_id"] == "S10"]
    assert [(row["team"], row["valid_from"], row["valid_to"]) for row in moved] == [
        ("华南", "2022-03-01", "2026-05-18"),
        ("华东", "2026-05-18", ""),
    ]
    assert len({(row["name"], row["hired_on"], row["left_on"]) for row in moved}) == 1
    away = {row["specialist_id"]: row["leave"] for row in rows if row["leave"]}
    assert away["S08"] == "2026-06-15/2026-07-27 parental" and len(away) == 4


def test_the_book_loses_about_the_same_share_in_every_quarter(files: dict[str, bytes]) -> None:
    customers = list(csv.DictReader(io.StringIO(files["customers.csv"].decode("utf-8-sig"))))
    for quarter in YUNLING.quarters:
        period = Period.parse(quarter)
        start, end = period.start.isoformat(), period.end.isoformat()
        there = [row for row in customers if row["start_at"] < start < (row["end_at"] or "9999")]
        lost = sum((row["end_at"] or "9999") < end for row in there)
        assert 0.018 < lost / len(there) < 0.036, quarter
        assert any(start <= row["start_at"] < end for row in customers), f"nobody came in {quarter}"


def test_nobody_answers_who_is_no_customer(files: dict[str, bytes], exports: dict[str, Rows]) -> None:
    customers = {
        row["customer_id"]: row
        for row in csv.DictReader(io.StringIO(files["customers.csv"].decode("utf-8-sig")))
    }
    for rows in exports.values():
        for row in rows:
            day = "-".join(part.zfill(2) for part in row["at"].split(" ")[0].split("/"))
            one = customers[row["customer"]]
            assert one["start_at"] <= day < (one["end_at"] or "9999")


def test_the_truths_name_what_is_real(truths: Any) -> None:
    assert truths["people"] == {"better": ["S05"], "worse": ["S17"]}
    assert [(change["quarter"], change["items"]) for change in truths["changes"]] == [
        ("2025Q2", [*ITEMS, "ltr"]),
        ("2026Q3", ["speed"]),
    ]
    company = truths["company"]
    assert company["2026Q3"]["overall"] == pytest.approx(84, abs=1)
    assert company["2026Q3"]["nps"] == pytest.approx(33, abs=1)
    assert company["2026Q3"]["speed"] - company["2026Q2"]["speed"] == pytest.approx(6.5, abs=0.5)
    for item in set(ITEMS) - {"speed"}:
        assert company["2026Q3"][item] == pytest.approx(company["2026Q2"][item], abs=0.6)


def test_true_shares_agree_with_the_normal_distribution(truths: Any) -> None:
    from scipy.stats import norm  # the generator avoids it: its digits may differ between platforms

    from survey_kpi.sample.world import FIVE_POINT_EDGES, TEN_POINT_EDGES

    for person in YUNLING.people:
        found = truths["specialists"]["2024Q4"].get(person.id)
        if found is None:
            continue
        mean = YUNLING.mean(person, "2024Q4", "overall")
        assert found["overall"] == pytest.approx(100 * norm.sf(FIVE_POINT_EDGES[2] - mean), abs=0.4)
        mean = YUNLING.mean(person, "2024Q4", "ltr")
        nps = norm.sf(TEN_POINT_EDGES[8] - mean) - norm.cdf(TEN_POINT_EDGES[6] - mean)
        assert found["nps"] == pytest.approx(100 * nps, abs=0.7)


def test_observed_shares_scatter_around_the_truths_as_chance_allows(
    exports: dict[str, Rows], truths: Any
) -> None:
    satisfied = dict(zip(OVERALL_ZH, (0, 0, 0, 1, 1), strict=True))
    z = []
    for name, rows in exports.items():
        planted = truths["dirt"][name]
        careless = {number for kind in ("careless", "blank") for number in planted[kind]}
        quarter = name[4:10].upper()
        for person, true in truths["specialists"][quarter].items():
            mine = [r for r in rows if r["manager"] == person and int(r["number"]) not in careless]
            found = [satisfied[row["overall"]] for row in mine if row["overall"] in satisfied]
            p = true["overall"] / 100
            z.append((np.mean(found) - p) / np.sqrt(p * (1 - p) / len(found)))
    assert abs(np.mean(z)) < 3 / np.sqrt(len(z))
    assert np.mean(np.square(z)) == pytest.approx(1, abs=3 * np.sqrt(2 / len(z)))


def test_answers_of_a_sheet_hang_together(exports: dict[str, Rows]) -> None:
    columns = [
        [int(row[item]) if row[item] in {*"12345"} else np.nan for item in ITEMS[1:]]
        for rows in exports.values()
        for row in rows
    ]
    matrix = np.array(columns)
    matrix = matrix[~np.isnan(matrix).any(axis=1)]
    correlations = np.corrcoef(matrix, rowvar=False)[np.triu_indices(5, 1)]
    assert correlations.min() > 0.35
    assert correlations.max() < 0.65


def test_draws_are_exact_uniform_arithmetic() -> None:
    sample = normal(generator(3), (20_000,))
    assert sample.mean() == pytest.approx(0, abs=3 / np.sqrt(20_000))
    assert sample.std() == pytest.approx(1, abs=0.02)
    picked = choose(generator(4), 20_000, [0.2, 0.3])
    assert np.bincount(picked) / 20_000 == pytest.approx([0.2, 0.3, 0.5], abs=0.012)
    values = np.arange(50)
    assert sorted(shuffled(generator(5), values)) == list(values)
    assert (values == np.arange(50)).all()
