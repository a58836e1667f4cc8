"""What every declaration is made of: names, words in both languages, and how strict all models are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
IndicatorId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
NonNegative = Annotated[float, Field(ge=0)]
PeriodText = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])|Q[1-4](-R4)?)$")]
Language = Literal["zh", "en"]
Unit = Literal["percent", "pp", "pct_rel", "points", "score", "count", "hours", "money"]


STRICT = ConfigDict(
    extra="forbid",
    frozen=True,
    str_strip_whitespace=True,
    allow_inf_nan=False,
    use_attribute_docstrings=True,
)
"""Every declaration is immutable, and strict about keys that nobody declared."""


class Model(BaseModel):
    """Base of the declarations."""

    model_config = STRICT


class Text(Model):
    """Words in both languages of the reports."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """Return the words in `language`, "zh" or "en"."""
        return self.zh if language == "zh" else self.en
