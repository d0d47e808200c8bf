"""The names, in many languages, of the headers that mail programs put above a quoted message.

Each constant holds the alternatives of a regular expression.
"""

from __future__ import annotations

FROM = "From|Von|De|Da|Van|Från|Fra|Od|От|Kimden|Lähettäjä|Expéditeur|Remitente|差出人|发件人|寄件者|보낸 사람"
SENT = (
    "Sent|Date|Gesendet|Datum|Envoyé|Enviado|Fecha|Data|Inviato|Verzonden|Skickat|Dato|Sendt|Wysłano|Дата"
    "|Отправлено|Odesláno|送信日時|发送时间|寄件日期|보낸 날짜"
)
OTHERS = (
    "To|An|À|A|Para|Aan|Till|Til|Do|Komu|Кому|Kime|Cc|Kopie|Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp"
    "|Ämne|Emne|Temat|Тема|Předmět|Konu|件名|宛先|收件人|主题|主旨|收件者|받는 사람|제목"
)
