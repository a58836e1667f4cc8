"""Answer sheets and codebooks to clean, the same for every test of the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.cleaning import Cleaned, clean
from survey_kpi.study.models import Cleaning, Codebook

WORDS = {"zh": "题目", "en": "item"}
SPARK = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}
"""One process that plans and compiles quickly: the tests hold a few thousand rows."""
SCALES = {"five": {"low": 1, "high": 5}, "nps": {"low": 0, "high": 10}}


def codebook_of(*items: dict[str, Any], n: int = 6) -> Codebook:
    """Make a codebook of `n` five-point items q1, q2, ... and the items given."""
    ordinary = [{"id": f"q{number}", "scale": "five"} for number in range(1, n + 1)]
    words = {"question": WORDS, "label": WORDS}
    return Codebook(
        schema_version=1, scales=SCALES, items=[{**words, **item} for item in [*ordinary, *items]]
    )


def sheets_of(rows: list[dict[str, Any]], codebook: Codebook, **constants: Any) -> pd.DataFrame:
    """Make responses of dictionaries; every sheet is otherwise ordinary, and its answers differ."""
    ordinary = {item.id: float(3 + number % 2) for number, item in enumerate(codebook.rated)}
    base = {"source": "web", "period": "2026Q3", **ordinary, **constants}
    frame = pd.DataFrame([{"row_id": f"r{number:04d}", **base, **row} for number, row in enumerate(rows)])
    if "submitted_at" in frame:
        frame["submitted_at"] = pd.to_datetime(frame["submitted_at"], format="ISO8601").astype(
            "datetime64[us]"
        )
    return frame


@cache
def connection() -> Any:
    """Open the one database of these tests: opening one costs more than a small query."""
    return engine.connect()


def cleaned_of(
    frame: pd.DataFrame, codebook: Codebook, policy: Cleaning | None = None, **more: Any
) -> Cleaned:
    """Clean a pandas frame on DuckDB."""
    return clean(engine.scan(frame, connection=connection()), codebook, policy or Cleaning(), **more)


def table(cleaned: Cleaned) -> pd.DataFrame:
    """Collect the cleaned rows in the order of their ids, indexed by them."""
    return engine.collect(cleaned.frame).sort_values("row_id").set_index("row_id")


def rules(**actions: Any) -> Cleaning:
    """Make a policy of actions, or of (action, params)."""
    given = {
        code: {"action": action[0], "params": action[1]} if isinstance(action, tuple) else {"action": action}
        for code, action in actions.items()
        if code != "at_least"
    }
    return Cleaning(rules=given, careless_at_least=actions.get("at_least", 2))


@pytest.fixture
def kit() -> Any:
    """Helpers of this file by name."""

    class Kit:
        codebook = staticmethod(codebook_of)
        sheets = staticmethod(sheets_of)
        clean = staticmethod(cleaned_of)
        table = staticmethod(table)
        rules = staticmethod(rules)

    return Kit


@pytest.fixture(scope="session")
def spark() -> Iterator[Callable[[pd.DataFrame], Any]]:
    """Put a pandas frame on PySpark; skips visibly where PySpark or Java is absent."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is absent: install the extra [spark]")
    import shutil

    if not shutil.which("java"):
        pytest.skip("Java is absent: PySpark needs it")
    builder = sql.SparkSession.builder.master("local[1]")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session.createDataFrame
    session.stop()
