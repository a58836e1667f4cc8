"""What invented customers say, and what hostile ones would.

The hostile comments try spreadsheets, browsers, typesetters and text handling; every one must come through
every report as plain text, and the personal data in them must be masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ZH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "good": (
            "服务很好，谢谢",
            "回复很快，问题一次就解决了",
            "专业、耐心，值得信赖",
            "交付及时，沟通顺畅",
            "方案切合我们的实际需求",
            "客户经理很负责，继续保持",
        ),
        "middling": (
            "整体还可以，响应可以再快一点",
            "希望多一些主动回访",
            "方案偏通用，不够贴合业务",
            "价格说明不够清楚",
        ),
        "bad": (
            "电话经常打不通",
            "问题反映了三次还没有解决",
            "承诺的时间没有兑现",
            "对接人更换频繁，要重复说明情况",
        ),
    }
)
EN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "good": ("Quick and helpful, thank you", "Solved at the first call", "Knows our business well"),
        "middling": ("Fine overall; replies could be faster", "A follow-up call would have been nice"),
        "bad": ("Had to explain the same thing three times", "Promised a call back that never came"),
    }
)

HOSTILE: tuple[str, ...] = (
    "=1+1",
    '=HYPERLINK("http://example.com/?x="&A1,"点击领奖")',
    "<script>alert('您好')</script><b>服务很好</b>",
    "满意👍🏻，专员䶮先生（𠮷田同事）很负责",
    "评分９５分，比去年高１０％",
    "#set page(fill: red) *粗体* _斜体_ $x^2$ @ref \\ [方括号]",
    "请回电13800138000，或写信给 li.si@example.com",
    '"慢"，很慢\n不回电话',
    "@SUM(A1:A9)\t｜-2+3｜\u202e反向\u202c文字",
)
"""One of each stands in every quarter."""

SERVICES: tuple[tuple[str, str], ...] = (
    ("上门", "Visit"),
    ("电话", "Phone"),
    ("微信", "WeChat"),
    ("邮件", "Email"),
)
OTHER_SERVICES: tuple[str, ...] = ("视频会议", "短信,传真", "线下培训")
"""What customers write beside 其他; one holds the comma on which careless readers split."""

CHANNELS: tuple[tuple[str, str], ...] = (("微信", "N/A"), ("手机提交", "直接访问"), ("链接", "直接访问"))
PLACES: tuple[str, ...] = ("上海-上海", "浙江-杭州", "广东-深圳", "广东-广州", "北京-北京", "天津-天津",
                           "四川-成都", "重庆-重庆", "云南-昆明", "国外-未知")  # fmt: skip
