"""Acceptance on invented texts: 80 comments labelled by hand, 20 pieces of personal data.

Each line holds the topic, whether the comment praises (+), complains (-) or neither (0), and the text.
"""

from __future__ import annotations

import numpy as np
import pytest

from survey_kpi.comments.agreement import label_agreement
from survey_kpi.comments.masking import contains_personal_data, mask
from survey_kpi.comments.sentiment import sentiment
from survey_kpi.comments.topic_model import learn_topics, model_agreement, predict_topics
from survey_kpi.comments.topic_rules import OTHER, TOPICS, Topic
from survey_kpi.comments.topics import count_topics, main_topic, topics_of
from survey_kpi.errors import MethodError

ZH = """
speed|-|提交工单两天了都没人回复，催了才有消息
speed|+|响应特别快，十分钟内就有人接待
speed|-|每次都要排队等很久，效率需要提高
speed|+|发消息后马上得到回应，及时
speed|0|希望以后能快一点
resolution|+|一次就把问题解决了，点赞
resolution|-|同一个故障反复出现，始终没有彻底修好
resolution|-|投诉之后没有结果，问题还在
resolution|+|设备当天就修好了，很满意
resolution|-|反映三次了，还是没解决
attitude|+|客服小姑娘态度很好，说话亲切
attitude|-|接待人员爱理不理，很敷衍
attitude|+|非常有耐心，一直面带微笑
attitude|-|语气冷淡，让人很不舒服
attitude|+|工作人员热情负责
expertise|+|工程师经验丰富，讲解清楚
expertise|-|一问三不知，对业务不熟
expertise|+|顾问很专业，知识面广
expertise|-|技术水平一般，很多问题答不上来
expertise|-|新来的员工明显不懂行
communication|-|电话经常打不通，一直占线
communication|+|客户经理定期回访，沟通顺畅
communication|-|对接人换了三个，每次都得重新说一遍
communication|-|停机维护没有提前通知我们
communication|0|建议增加微信联系方式
price|-|价格比同行高不少，性价比低
price|-|这个月账单多收了费用
price|+|收费合理，还有优惠
price|-|明年又要涨价，觉得不划算
price|0|希望老客户能给些折扣
product|+|产品质量稳定，做工也不错
product|-|软件经常闪退，界面难用
product|-|用了一个月就坏了，有明显缺陷
product|+|新功能很好用，操作方便
product|-|方案太通用，不贴合我们的需求
delivery|-|交货延期了一周，影响我们开工
delivery|+|物流很快，包装完好
delivery|-|快递签收时发现箱子破损
delivery|+|安装师傅准时上门
delivery|+|项目如期交付，感谢
"""

EN = """
speed|-|It took them four days to respond to a simple email
speed|+|Very prompt replies, usually within an hour
speed|-|I was on hold for forty minutes
speed|+|Quick turnaround every time I write
speed|-|Slow to answer, had to chase them twice
resolution|+|My problem was solved on the first call
resolution|-|The same fault came back after a week, still not working
resolution|+|They fixed everything in one visit
resolution|-|My ticket is still open and nothing has been resolved
resolution|+|The issue got sorted without any fuss
attitude|+|Lovely people, polite and friendly
attitude|-|The person at the desk was rude and dismissive
attitude|+|She was patient and kind with my questions
attitude|-|Arrogant attitude, made me feel like a nuisance
attitude|-|Staff seemed indifferent to our situation
expertise|+|The engineer really knows his subject
expertise|-|The agent had no idea how our system works
expertise|+|Knowledgeable and competent advisers
expertise|-|They seem inexperienced and poorly trained
expertise|+|Real experts, very professional
communication|-|Nobody called me back as promised
communication|+|They kept us informed with regular updates
communication|-|Impossible to get through on the hotline
communication|-|Our account manager changed and I had to explain it all again
communication|0|A follow-up after the visit would be nice
price|-|Far too expensive for what you get
price|-|We were charged twice on the last invoice
price|+|Good value for money, fair fees
price|-|Hidden costs everywhere
price|+|The discount was a pleasant surprise
product|+|Great product, reliable and easy to use
product|-|The app crashes all the time
product|-|Poor quality, broke after two weeks
product|+|The new features are excellent
product|-|The solution is too generic for our business
delivery|-|The parcel arrived late and damaged
delivery|+|Delivered ahead of schedule, well packed
delivery|-|Shipping took three weeks
delivery|+|Installation was on time and tidy
delivery|-|The courier left the package in the rain
"""

SIGNS = {"+": "positive", "-": "negative", "0": "neutral"}


def rows(block):
    """Return (topic, sentiment, text) by line."""
    found = [line.split("|", 2) for line in block.strip().splitlines()]
    return [(topic, SIGNS[sign], text) for topic, sign, text in found]


PERSONAL = (
    ("请打13912345678找我", "13912345678"),
    ("我的手机是 138-0013-8000", "138-0013-8000"),
    ("联系电话：+86 159 0000 1234", "159 0000 1234"),
    ("微信同号１８６１２３４５６７８", "１８６１２３４５６７８"),
    ("座机021-62345678没人接", "021-62345678"),
    ("办公室(0571)8765 4321", "8765 4321"),
    ("打400-820-8820也不行", "400-820-8820"),
    ("0086 13700001111", "13700001111"),
    ("请发到zhang.san@example.com.cn", "zhang.san@example.com.cn"),
    ("邮箱 li_si＠example.org 谢谢", "li_si"),
    ("身份证号11010519491231002X", "11010519491231002X"),
    ("证件 440524 18800101 0014", "440524 18800101 0014"),
    ("老身份证110105491231002", "110105491231002"),
    ("卡号6222020000000000000退款", "6222020000000000000"),
    ("Refund to 4111 1111 1111 1111 please", "4111 1111 1111 1111"),
    ("Call me on +44 20 7946 0958", "7946 0958"),
    ("My cell is (415) 555-0132", "555-0132"),
    ("Reach me at +1-202-555-0175 after five", "555-0175"),
    ("Write to j.doe+kpi@mail.example.co.uk", "j.doe+kpi"),
    ("Ring 0049 30 901820 tomorrow", "901820"),
)
"""Twenty invented phone numbers, addresses and numbers of documents, each with the part that must vanish."""


PLANTED = rows(ZH) + rows(EN)


@pytest.mark.row("M15")
def test_topic_rules_agree_with_hand_labels():
    found = label_agreement([row[0] for row in PLANTED], [main_topic(row[2]) for row in PLANTED])
    print(f"topics: macro-F1 {found.macro_f1:.3f}, kappa {found.kappa:.3f} on {found.n} planted comments")
    assert found.n == 80 and found.macro_f1 >= 0.80 and found.kappa >= 0.75
    for block in (ZH, EN):
        labels = rows(block)
        part = label_agreement([row[0] for row in labels], [main_topic(row[2]) for row in labels])
        assert part.n == 40 and part.macro_f1 >= 0.80


def test_sentiment_agrees_with_hand_labels():
    found = label_agreement([row[1] for row in PLANTED], [sentiment(row[2]).label for row in PLANTED])
    print(f"sentiment: macro-F1 {found.macro_f1:.3f}, kappa {found.kappa:.3f} on {found.n} planted comments")
    assert found.macro_f1 >= 0.70 and found.kappa >= 0.60


@pytest.mark.row("M15")
def test_every_count_lists_its_comments():
    comments = {f"r{i}": row[2] for i, row in enumerate(PLANTED)} | {"empty": " ", "none": "无"}
    counts = count_topics(comments)
    for row in counts:
        assert row.n == len(row.ids) == len(set(row.ids)) and set(row.ids) <= set(comments)
        for comment_id in row.ids:
            codes = [hit.topic for hit in topics_of(comments[comment_id])] or [OTHER]
            assert row.topic in codes
    assert {i for row in counts for i in row.ids} == set(comments) - {"empty"}
    assert counts[-1].topic == OTHER and "none" in counts[-1].ids


def test_evidence_stands_in_the_comment_and_strengths_fall():
    for _, _, text in PLANTED:
        hits = topics_of(text)
        assert all(word in text for hit in hits for word in hit.evidence)
        strengths = [hit.confidence for hit in hits]
        assert strengths == sorted(strengths, reverse=True) and all(0 < s < 1 for s in strengths)


def test_a_study_may_bring_its_own_topics():
    own = (Topic(code="parking", zh="停车", en="parking", zh_forms=("停车",), en_forms=("parking",)),)
    assert main_topic("停车位太少", own) == main_topic("No PARKING nearby", own) == "parking"
    assert main_topic("sparking wine", own) == OTHER


def test_the_table_of_topics_is_complete():
    assert len({topic.code for topic in TOPICS}) == len(TOPICS) and OTHER not in {t.code for t in TOPICS}
    assert all(topic.zh and topic.en and topic.zh_forms and topic.en_forms for topic in TOPICS)


@pytest.mark.parametrize(("text", "personal"), PERSONAL, ids=range(len(PERSONAL)))
def test_personal_data_is_masked(text, personal):
    for language in ("zh", "en"):
        shown = mask(text, language=language).text
        assert personal not in shown and "[" in shown
        assert not contains_personal_data(shown)


@pytest.mark.row("M15")
def test_twenty_of_twenty_are_masked():
    masked = sum(personal not in mask(text).text for text, personal in PERSONAL)
    print(f"masked: {masked} of {len(PERSONAL)}")
    assert masked == len(PERSONAL) == 20


def test_planted_comments_lose_nothing():
    assert all(mask(text).text == text and not mask(text).found for _, _, text in PLANTED)


def test_the_model_learns_what_the_words_tell():
    rng = np.random.default_rng(5)
    words = {"price": ["价格", "太贵", "fees", "cost"], "speed": ["很慢", "等了", "slow", "waiting"]}
    labels = [topic for topic in words for _ in range(30)]
    texts = [" ".join(rng.choice(words[topic], 2)) + f" {rng.integers(99)}" for topic in labels]
    assert model_agreement(texts, labels, np.random.default_rng(1)).macro_f1 > 0.95
    model = learn_topics(texts, labels)
    assert model.n == 60 and model.topics == ("price", "speed")
    found = predict_topics(model, ["fees fees", "slow slow"])
    assert [one.topic for one in found] == ["price", "speed"] and found[0].confidence > 0.8
    assert predict_topics(model, []) == ()


def test_shuffled_labels_teach_nothing():
    rng = np.random.default_rng(2)
    labels = rng.permutation(["a", "b"] * 20).tolist()
    texts = [row[2] for row in PLANTED[:40]]
    assert abs(model_agreement(texts, labels, rng).kappa) < 0.5


def test_refusals():
    for call, code in (
        (lambda: learn_topics(["a"], ["x", "y"]), "sizes_differ"),
        (lambda: learn_topics(["a"] * 6, ["x"] * 5 + ["y"]), "too_few_labels"),
        (lambda: learn_topics(["a"] * 6, ["x"] * 6), "too_few_labels"),
        (lambda: label_agreement([], []), "sizes_differ"),
        (lambda: label_agreement(["x"], ["x"]), "no_variation"),
    ):
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.code == code
