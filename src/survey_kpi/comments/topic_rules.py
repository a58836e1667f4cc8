"""What customers of a service talk about: the editable table of topics.

A row lists forms in both languages as regular expressions; English ones match whole words without regard to
case. A study may pass its own table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic: its code, its label in both languages and the forms that speak of it."""

    code: str
    zh: str
    en: str
    zh_forms: tuple[str, ...]
    en_forms: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile the forms once."""
        english = (re.compile(rf"\b(?:{form})\b", re.IGNORECASE) for form in self.en_forms)
        compiled = (*(re.compile(form) for form in self.zh_forms), *english)
        object.__setattr__(self, "patterns", compiled)


TOPICS: Final = (
    Topic(
        code="speed",
        zh="响应速度",
        en="speed of response",
        zh_forms=(
            "响应",
            "回复|回信|回应",
            "[很太真较更]?慢|缓慢|拖延|拖拉|迟迟",
            "快(?!递)[捷速]?",
            "等了|等待|久等|等很久|排队",
            "及时|立刻|马上|效率",
            "没动静|没人理|催了|一拖再拖|干等|大半天|反应[很真太]?迅速|分钟就|半小时",
        ),
        en_forms=(
            r"respon(?:se|d|ds|ded|sive)",
            r"repl(?:y|ies|ied)|answered",
            r"slow(?:ly)?|delays?|delayed",
            r"quick(?:ly)?|fast(?:er)?|prompt(?:ly)?|speed(?:y)?",
            r"wait(?:ed|ing|s)?|on hold|queue",
            r"(?:within|in) (?:an?|\w+) (?:minutes?|hours?)|right away",
            r"at once|reacted|drags? on|nag(?:ged|ging)?|(?:took|takes) ages|black hole",
            "minutes flat|within minutes",
        ),
    ),
    Topic(
        code="resolution",
        zh="问题解决",
        en="problem solving",
        zh_forms=(
            "解决|搞定|处理好|修好",
            "一次就|彻底",
            "没有结果|没结果|还是没|又出现|反复出现|老问题",
            "投诉.{0,6}(?:无果|没)",
            "故障|报修",
            "没好|弄好|根治|根源|改正|下文|老样子",
        ),
        en_forms=(
            r"(?:re)?solv(?:e|ed|ing)|resolution|unresolved",
            r"fix(?:ed|es)?|sorted",
            r"first (?:call|time)",
            r"same (?:issue|problem|fault)|(?:issue|problem|fault) (?:came|comes|is) back",
            r"still (?:broken|not working|open)",
            r"closed my case|put (?:it|things) right|remed(?:y|ies)|nothing (?:had|has) changed",
            "been noted|root of it",
        ),
    ),
    Topic(
        code="attitude",
        zh="服务态度",
        en="attitude",
        zh_forms=(
            "态度",
            "热情|亲切|友好|友善|客气|礼貌",
            "耐心",
            "冷淡|冷漠|敷衍|不耐烦|推诿|粗鲁|爱理不理",
            "微笑|负责",
            "阴阳怪气|白眼|语气|尊重|打断|像朋友",
        ),
        en_forms=(
            r"attitude|manner(?:s)?",
            r"friendly|polite(?:ly)?|kind|courteous|warm|welcoming",
            r"patient|patience|caring",
            r"rude|impolite|dismissive|unfriendly|arrogant|indifferent|impatient|cold",
            r"tone|sarcastic|gentle|roll(?:s|ed) (?:her|his|their) eyes",
            "interrupt(?:s|ed|ing)?|respect(?:ed|ful)?|like friends",
        ),
    ),
    Topic(
        code="expertise",
        zh="专业能力",
        en="expertise",
        zh_forms=(
            "专业",
            "经验",
            "业务[^，。]{0,3}(?:熟|不熟)|懂行|外行|一问三不知|不懂|答不上来",
            "讲解|解答|技术水平|知识",
            "新手|功底|扎实|了如指掌|内行|卡壳",
        ),
        en_forms=(
            r"knowledge(?:able)?|knows?|knew",
            r"expert(?:s|ise)?|professional(?:ism)?|competent|incompetent",
            r"experience(?:d)?|inexperienced|skilled|trained|training",
            r"no idea|clueless|technical(?:ly)?",
            r"beginners?|well versed|solid background|contradicts?|specialists?|insightful",
        ),
    ),
    Topic(
        code="communication",
        zh="沟通与联系",
        en="communication and contact",
        zh_forms=(
            "沟通",
            "电话|打不通|占线|联系不上|联系方式",
            "回访|跟进|主动联系|通知|告知",
            "对接人|换人|重复说|说了好几遍|重新说",
            "说法不一|音讯|回话|找不到人|随时都?能|提前告诉|微信",
        ),
        en_forms=(
            r"communicat(?:e|es|ed|ion|ing)",
            r"phone|hotline|voicemail|get through|reach(?:ed|able)?",
            r"follow(?:ed|s|ing)?[ -]?up|call(?:ed|ing)? (?:\w+ )?back",
            "kept (?:me|us) informed|updates?|told",
            "explain (?:everything|the same|it all|again)|repeat(?:ed|ing)? myself",
            r"account manager chang\w+",
            r"let (?:me|us) know|hold of|talk to|different story|ring (?:me|us)|checked in|contact person",
        ),
    ),
    Topic(
        code="price",
        zh="价格与费用",
        en="price and fees",
        zh_forms=(
            "价格|价钱|报价|定价",
            "贵|便宜|划算|性价比|实惠",
            "费用|收费|扣费|账单|发票|多收|优惠|折扣|涨价",
            "服务费|价位|预算|打.?折|押金|账单|省钱",
        ),
        en_forms=(
            r"pric(?:e|es|ed|ing|ey)",
            r"expensive|cheap(?:er)?|overpriced|affordable|value for money|worth",
            "fees?|charg(?:e|es|ed|ing)|cost(?:s|ly)?|bill(?:s|ed|ing)?|invoices?",
            "discounts?|refund(?:ed)?",
            r"surcharges?|rates|budget|percent off|deposit|penny",
        ),
    ),
    Topic(
        code="product",
        zh="产品与方案",
        en="product and solution",
        zh_forms=(
            "产品|质量|品质|做工",
            "功能|系统|软件|界面|操作|好用|难用|卡顿|闪退|崩溃",
            "方案|贴合|通用|定制",
            "坏了|瑕疵|缺陷|耐用",
            "噪音|续航|手感|材质|掉线|数据|岔子|升级",
        ),
        en_forms=(
            r"products?|quality",
            "features?|software|app|interface|easy to use|hard to use|crash(?:es|ed|ing)?",
            "bugs?|buggy",
            r"solutions? (?:fits?|suits?|is)|tailored|generic|design",
            r"broke(?:n)? after|defect(?:s|ive)?|faulty|durable|reliable",
            r"noisy|battery|materials?|disconnects?|lost data|hitch|keys|upgrade[ds]?",
        ),
    ),
    Topic(
        code="delivery",
        zh="交付与物流",
        en="delivery",
        zh_forms=(
            "交付|交货|到货|发货|送货|配送",
            "物流|快递|包装|签收|破损",
            "工期|延期|准时|如期|提前到|安装|上门",
            "箱子|封箱|压扁|磕[坏碰]|搬到|扔在门口",
        ),
        en_forms=(
            r"deliver(?:y|ies|ed|s)?",
            r"ship(?:ped|ping|ment)|courier|parcel|package|packaging|packed",
            r"arriv(?:e|es|ed|al)|on time|late|ahead of schedule|install(?:ed|ation|er)?",
            r"box(?:es)?|crushed|scratch(?:ed)?|doorstep|carried|wrapped|upstairs",
        ),
    ),
)
"""Eight topics of service work; earlier ones are named first where two are as strong."""

OTHER: Final = "other"
"""Code of comments in which no form was found."""
