"""Whether a comment praises or complains, by word lists with negation, Chinese and English.

Examples
--------
>>> comments = ("服务很好，谢谢", "回复不及时", "Not helpful at all", "Called on Monday")
>>> [sentiment(comment).label for comment in comments]
['positive', 'negative', 'negative', 'neutral']
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Label = Literal["positive", "negative", "neutral"]

GOOD_ZH: Final = (
    "满意|不错|很棒|真棒|优秀|出色|赞|点赞|感谢|谢谢|专业|耐心|热情|亲切|友好|"
    "礼貌|负责|周到|细心|贴心|及时|迅速|[很真特别]快(?!递)|快捷|高效|顺利|顺畅|方便|清楚|"
    "清晰|准时|如期|提前|划算|实惠|便宜|好用|可靠|稳定|信赖|值得|推荐|喜欢|完美|"
    "舒服|放心|合理|齐全|完好|结实|贴合|"
    "(?:很|挺|非常|特别|真|都|更|服务|态度|质量|沟通|效果)好|解决了|搞定|修好|懂行|熟练|"
    "根治|弄好|办妥|像朋友|尊重|扎实|了如指掌|良心|打.?折|持久|厚实|上档次|没出过岔子|一点没磕碰"
)
BAD_ZH: Final = (
    "太慢|很慢|慢|拖延|拖拉|迟迟|久等|等了|等很久|重新|差劲|很差|太差|差|糟糕|失望|不满|"
    "生气|愤怒|敷衍|冷淡|冷漠|推诿|粗鲁|不耐烦|爱理不理|外行|一问三不知|打不通|"
    "占线|联系不上|贵|多收|乱收|涨价|难用|卡顿|闪退|崩溃|坏了|瑕疵|缺陷|破损|"
    "延期|延误|晚到|弄错|错误|混乱|麻烦|答不上来|老问题|又出现|反复出现|无果|"
    "没有结果|没结果|频繁|重复|好几遍|三次|投诉|偏贵|欺骗|没人|丢失|"
    "没动静|大半天|一拖再拖|没好|下文|阴阳怪气|白眼|打断|对不上|新手|说法不一|音讯|找不到|偷偷|扛不住|"
    "噪音|手感差|松了|掉线|丢过|压扁|磕坏|扔在门口"
)
GOOD_EN: Final = (
    "good|great|excellent|perfect(?:ly)?|nice|thanks?|thank you|helpful|friendly|"
    "polite|kind|courteous|warm|patient|quick(?:ly)?|fast|prompt(?:ly)?|responsive|"
    "knowledgeable|professional|competent|experienced|expert|skilled|solved|resolved|"
    "fixed|sorted|clear(?:ly)?|easy|smooth(?:ly)?|reliable|affordable|worth|fair|"
    "reasonable|recommend|love[ds]?|liked|pleasant|happy|satisfied|pleased|impressed|"
    "on time|ahead of schedule|right away|tailored|durable|well|informed|"
    "at once|put (?:it|things) right|remedy|like friends|gentle|calm|respected|versed|solid|"
    "let (?:me|us) know|honest rates|percent off|longer than expected|sturdy|premium|"
    "without a hitch|carefully"
)
BAD_EN: Final = (
    "bad|impossible|poor(?:ly)?|terrible|awful|horrible|worst|disappoint(?:ed|ing)|unhappy|angry|"
    "slow(?:ly)?|delay(?:s|ed)?|late|wait(?:ed|ing)?|on hold|rude|impolite|dismissive|"
    "unfriendly|arrogant|indifferent|impatient|cold|clueless|no idea|incompetent|"
    "inexperienced|unresolved|broken?|faulty|defective|crash(?:es|ed)?|bugg?y?|bugs|"
    "expensive|overpriced|overcharged|twice|hidden|wrong|mistakes?|confusing|useless|"
    "unreliable|damaged|lost|missing|never|nobody|no one|"
    "same (?:issue|problem|thing|fault)|complain(?:ed|t)?|hard to|generic|"
    "repeat(?:ed|ing)? myself|"
    "without a word|nag(?:ged|ging)?|black hole|nothing (?:had|has) changed|sarcastic|"
    "rolled (?:her|his|their) eyes|interrupt(?:ed|ing)|contradicts?|beginner|different story|"
    "surcharge|cannot take|noisy|loose|disconnects?|crushed|scratched|dumped"
)
NOT_ZH: Final = re.compile(
    r"(?:不|没有?|未|无|别|并非|不是|不够|不太|算不上|谈不上)(?:很|太|够|是|能|怎么|那么|得)?$"
)
NOT_EN: Final = re.compile(
    r"(?:\b(?:not|never|no|nothing|hardly|without|nobody|cannot|isn't|wasn't|aren't|weren't|don't|doesn't|didn't|"
    r"can't|couldn't|won't|wouldn't|haven't|hasn't)\b)(?:\s+\w+){0,3}\s+$",
    re.IGNORECASE,
)
WORDS: Final = (
    (re.compile(GOOD_ZH), 1, NOT_ZH),
    (re.compile(BAD_ZH), -1, NOT_ZH),
    (re.compile(rf"\b(?:{GOOD_EN})\b", re.IGNORECASE), 1, NOT_EN),
    (re.compile(rf"\b(?:{BAD_EN})\b", re.IGNORECASE), -1, NOT_EN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """Label, the balance of words behind it, and these words."""

    label: Label
    balance: int
    evidence: tuple[str, ...]


def sentiment(comment: str) -> Sentiment:
    """Balance of praising and complaining words; a negated word counts for the other side.

    Parameters
    ----------
    comment
        Text in Chinese, English or both.

    Returns
    -------
    Sentiment
        `neutral` where words are absent or cancel out. Check it against labels by hand before it is shown
        (`label_agreement`), and never score people by it.
    """
    text = unicodedata.normalize("NFKC", comment).replace("’", "'")
    found = [
        (match.group(), -sign if negation.search(text[max(0, match.start() - 40) : match.start()]) else sign)
        for words, sign, negation in WORDS
        for match in words.finditer(text)
    ]
    balance = sum(sign for _, sign in found)
    label: Label = "positive" if balance > 0 else "negative" if balance < 0 else "neutral"
    return Sentiment(label=label, balance=balance, evidence=tuple(word for word, _ in found))
