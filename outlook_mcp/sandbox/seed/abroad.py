"""Mail in other scripts."""

from __future__ import annotations

from outlook_mcp.sandbox.seed.people import ALICE, CAROL, LAYLA, NIKOS, YUKI
from outlook_mcp.sandbox.seed.seed_message import UNREAD, SeedMessage, ago

_ARABIC = """<html dir="rtl" lang="ar"><body style="font-family:Tahoma,sans-serif">
<p>السيدة أليس المحترمة،</p>
<p>وصلت الشحنة رقم <b>4471</b> إلى الميناء صباح اليوم، وستكون في مستودعكم خلال <b>ثلاثة أيام</b>.</p>
<p>يرجى تأكيد اسم المستلم وساعات العمل.</p>
<p>مع أطيب التحيات،<br>ليلى حداد</p></body></html>"""


def messages() -> list[SeedMessage]:
    return [
        SeedMessage(
            "japanese", YUKI, (ALICE,), "見積書の件",
            "アーチャー様\n\nいつもお世話になっております。日本パーツの田中です。\n"
            "ご依頼の見積書をお送りします。部品五十個で合計十二万円、納期は二週間です。\n"
            "ご不明な点がございましたら、お知らせください。\n\n田中 由紀",
            ago(days=2, hours=11), copies={ALICE.address: UNREAD},
        ),
        SeedMessage("arabic", LAYLA, (ALICE,), "وصول الشحنة رقم 4471", _ARABIC, ago(days=4, hours=6), style="html"),
        SeedMessage(
            "greek", NIKOS, (ALICE,), "Δοκίμιο για τους φακέλους",
            "Καλημέρα Άλις,\n\nτο δοκίμιο είναι έτοιμο. Το μπλε βγήκε λίγο σκούρο, θα το διορθώσουμε αύριο."
            "\n\nΦιλικά\nΝίκος",
            ago(days=6, hours=9), style="gmail", cc=(CAROL,),
        ),
    ]  # fmt: skip
