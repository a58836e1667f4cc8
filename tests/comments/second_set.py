"""A second set of invented comments, written after the rules and split before anything was measured.

Stems of the training half may be used to extend the rules; those of the other half only to measure them.
Openings and closings carry no topic and are drawn with a seed. Each stem holds the topic, whether it praises
(+) or complains (-), and the text. The words of the rules were avoided on purpose. Same author as the rules:
agreement on these comments is no promise for yours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ZH = """
speed|-|报修单挂了一周都没动静
speed|+|半小时之内就有人联系我了
speed|-|催了三遍才有人理我
speed|+|当天提的需求当天就给了答复
speed|-|每次办点事都得耗上大半天
speed|+|反应很迅速，没让我干等
speed|-|邮件发出去石沉大海
speed|+|处理起来一点不拖泥带水
speed|-|审批一拖再拖
speed|+|前后不到十分钟就办妥
resolution|-|修了三回还是老样子
resolution|+|困扰我们半年的毛病终于根治了
resolution|-|工单关了，可毛病一点没好
resolution|+|打了一次就帮我弄好了
resolution|-|互相踢皮球，最后不了了之
resolution|+|上次反馈的情况这回已经完全正常
resolution|-|只会说帮您记录，从来没有下文
resolution|+|帮我们找到了根源并且做了改正
resolution|-|治标不治本，过两天又犯
resolution|+|赔付方案很快落实，事情圆满了结
attitude|-|说话阴阳怪气的
attitude|+|像朋友一样替我们着想
attitude|-|板着脸，好像我欠他钱似的
attitude|+|每次都笑脸相迎
attitude|-|问多一句就翻白眼
attitude|+|语气温和，听着舒服
attitude|-|高高在上，不把客户当回事
attitude|+|很体贴，还记得我的偏好
attitude|-|动不动就打断我
attitude|+|受到了应有的尊重
expertise|-|连自家合同条款都说不清
expertise|+|一眼就看出症结在哪
expertise|-|说的跟产品手册对不上
expertise|+|对行业法规了如指掌
expertise|-|照着稿子念，深一点就卡壳
expertise|+|给的建议很有见地
expertise|-|明显是刚上岗的新手
expertise|+|功底扎实，什么都难不倒他
expertise|-|判断失误，害我们走了弯路
expertise|+|是个内行
communication|-|找不到能说上话的人
communication|+|每一步都会提前告诉我
communication|-|换了客户经理也没人打招呼
communication|+|有进展就主动发消息给我
communication|-|各部门说法不一，不知道听谁的
communication|+|留的微信随时都能找到人
communication|-|客服热线按了半天也转不到人工
communication|+|会议纪要清楚，双方心里有数
communication|-|说好给我回话的，一直没音讯
communication|+|事后还专门来问用得怎么样
price|-|比去年又涨了两成
price|+|同样的配置比别家省不少钱
price|-|续约时偷偷加了服务费
price|+|这个价位很良心
price|-|押金迟迟不退
price|+|明码标价，没有套路
price|-|预算根本扛不住
price|+|老用户还给打了九折
price|-|账对不上，多算了一笔
price|+|物有所值
product|-|机器用起来噪音特别大
product|+|续航比想象中持久
product|-|升级之后反而更卡了
product|+|报表导出特别省事
product|-|按键手感差，没几天就松了
product|+|材质厚实，看着就上档次
product|-|套餐不适合我们这种小公司
product|+|新版页面清爽多了
product|-|经常掉线，数据还丢过
product|+|运行了一年没出过岔子
delivery|-|说好周三到，周五才见着货
delivery|+|第二天就收到了
delivery|-|箱子压扁了，里面也磕坏了
delivery|+|师傅把东西搬到楼上还清走了垃圾
delivery|-|少发了两件配件
delivery|+|调试人员按约定的日子来了
delivery|-|快递扔在门口就走了
delivery|+|封箱很仔细，一点没磕碰
delivery|-|进度一再往后推，上线遥遥无期
delivery|+|比约定的日子还早两天
"""

EN = """
speed|-|My request sat there for a week without a word
speed|+|Somebody picked it up within minutes
speed|-|It takes ages before anyone looks at anything
speed|+|Same-day answer to every question
speed|-|I had to nag them three times
speed|+|They reacted at once
speed|-|Approval drags on forever
speed|+|No hanging around at all
speed|-|Emails disappear into a black hole
speed|+|Done in ten minutes flat
resolution|-|Three visits and the machine still does the same thing
resolution|+|They got to the root of it and it has not come back
resolution|-|They closed my case although nothing had changed
resolution|+|One conversation was enough to put it right
resolution|-|Everyone passed the buck until it was dropped
resolution|+|What I reported last time now works perfectly
resolution|-|They only ever say it has been noted
resolution|+|A proper remedy at last
resolution|-|A workaround that lasts two days is no cure
resolution|+|Our claim was settled to everyone's liking
attitude|-|The tone was sarcastic
attitude|+|They treat us like friends
attitude|-|He looked at me as if I owed him money
attitude|+|Always greeted with a smile
attitude|-|She rolled her eyes when I asked again
attitude|+|Calm and gentle voice
attitude|-|Condescending from start to finish
attitude|+|So thoughtful, she remembered what I prefer
attitude|-|He kept interrupting me
attitude|+|I felt respected
expertise|-|They could not explain their own contract
expertise|+|He saw at a glance where the trouble was
expertise|-|What they said contradicts the manual
expertise|+|Well versed in the regulations of our industry
expertise|-|They read from a script and get stuck on anything deeper
expertise|+|Insightful advice
expertise|-|Obviously a beginner
expertise|+|Solid background, nothing stumps her
expertise|-|Their misjudgement cost us a month
expertise|+|A true specialist in the field
communication|-|I could not find anybody to talk to
communication|+|They let me know before every step
communication|-|A new contact person took over and no one introduced him
communication|+|I get a message whenever there is progress
communication|-|Every department tells a different story
communication|+|Easy to get hold of at any hour
communication|-|The menu on the line never leads to a human
communication|+|Clear minutes after every meeting
communication|-|They promised to ring me and never did
communication|+|They checked in afterwards to see how it was going
price|-|Twenty percent more than last year
price|+|Saves us a lot compared with the others
price|-|A service surcharge appeared at renewal
price|+|Honest rates
price|-|We are still waiting for our deposit
price|+|No small print, what you see is what you pay
price|-|Our budget cannot take it
price|+|Loyal customers get ten percent off
price|-|The statement does not add up, one item too many
price|+|Worth every penny
product|-|The machine is terribly noisy
product|+|The battery lasts longer than expected
product|-|The upgrade made it laggy
product|+|Exporting reports is a breeze
product|-|The keys feel cheap and came loose
product|+|Sturdy material, looks premium
product|-|The plan does not suit a small company like ours
product|+|The redesigned screen is much cleaner
product|-|It disconnects and has lost data
product|+|It has run for a year without a hitch
delivery|-|Promised for Wednesday, came on Friday
delivery|+|It was here the next day
delivery|-|The box was crushed and the contents scratched
delivery|+|The men carried it upstairs and took the rubbish away
delivery|-|Two accessories were missing from the consignment
delivery|+|The technician turned up on the agreed date
delivery|-|They dumped it on the doorstep and drove off
delivery|+|Carefully wrapped, not a scratch
delivery|-|The rollout keeps being pushed back
delivery|+|Two days earlier than agreed
"""

AROUND = {
    "zh": (
        ("", "说句实话，", "补充一点：", "这个季度", "总的来说，"),
        ("", "。", "，就这样。", "，特此反馈。"),
    ),
    "en": (("", "To be honest: ", "One thing: ", "This quarter: "), ("", ".", ", that is all.", ". Regards")),
}
SIGNS = {"+": "positive", "-": "negative"}


class Comment(NamedTuple):
    """A comment with its labels."""

    topic: str
    sentiment: str
    text: str
    language: str


def comments(half: str, seed: int = 20261122) -> list[Comment]:
    """Comments of the "training" or of the "test" half, two stems in turn: both hold every topic and sign."""
    rng = np.random.default_rng(seed)
    found = []
    for language, block in (("zh", ZH), ("en", EN)):
        for place, line in enumerate(block.strip().splitlines()):
            topic, sign, stem = line.split("|", 2)
            openings, closings = AROUND[language]
            text = str(rng.choice(openings)) + stem + str(rng.choice(closings))
            if (place // 2 % 2 == 0) == (half == "training"):
                found.append(Comment(topic, SIGNS[sign], text, language))
    return found
