"""Words by which look-alikes ask for trust beside a name: alone, or one together with another."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.identify.describing import BAIT
from app.identify.words import word_set

TRAPS = word_set("anti apk auth crack get logon mod otp reset sale scam spam spy")
"""Short words of traps and of what is against a product, which stand before a name as initials do."""
_ACCOUNT = word_set("account accounts")
_OF_COMPANIES = word_set(
    "admin business company console corporate enterprise manager managers marketplace organisation "
    "organization service team"
)
"""Beside these an `account` is a company's, and asks nobody for trust."""
_LOGINS = word_set("account accounts login logins")
"""What people share (`shared login`): who asks for trust wants one's own."""
_SHOWN = word_set(
    "album albums attachment attachments doc docs document documents file files folder folders image images "
    "invoice invoices link links message messages pdf photo photos video videos voice voicemail"
)
"""What a look-alike promises behind its login (`shared document login`)."""
_LURES = (
    (
        word_set("request requests"),
        word_set(
            "access document documents file files invoice invoices money payment payments sign signature "
            "signatures transfer transfers wire"
        ),
    ),
    (word_set("check checks"), word_set("captcha fraud human identity robot")),
    (word_set("key keys"), word_set("activation backup generator licence license product recovery serial")),
    (word_set("cash fund funds money"), word_set("advance app claim load release transfer")),
    (word_set("message messages"), word_set("quarantine release")),
)
"""Words of which one and one together ask for trust or promise something, though neither does alone."""
_DESK = word_set("helpdesk")
_OF_DESKS = word_set("chat chatbot chatbots crm faq faqs inbox ticketing")
"""Beside these a `helpdesk` is a kind of software, and no desk that asks for trust."""

_BAIT_SIGNS = tuple(
    word_set(
        "ログイン サインイン パスワード 認証 登录 登入 验证 驗證 密码 密碼 로그인 비밀번호 인증 تسجيل تحقق "
        "כניסה אימות סיסמה"
    )
)
"""Logins, passwords and verification in scripts that look like no other."""


def asks_for_trust(words: Sequence[str], label: Sequence[str] = ()) -> bool:
    """Say whether words ask for trust as look-alikes do; a company's own account does not.

    Args:
        words: the words in question.
        label: all words of the label, the same if left out.
    """
    if BAIT.isdisjoint(words):
        return False
    found = BAIT.intersection(words)
    if found <= _LOGINS and _are_shared(label or words):
        return False
    if found == _DESK and not _OF_DESKS.isdisjoint(label or words):
        return False
    return not (found <= _ACCOUNT and not _OF_COMPANIES.isdisjoint(label or words))


def _are_shared(label: Sequence[str]) -> bool:
    """Say whether it is the login itself that is shared, and nothing one wants to see (`shared file`)."""
    if "shared" not in label or not _SHOWN.isdisjoint(label):
        return False
    return any("shared" in pair and not _LOGINS.isdisjoint(pair) for pair in pairwise(label))


def lures(words: Iterable[str]) -> bool:
    """Say whether words lure together: by a request to sign, a check, a key, money.

    Args:
        words: what stands beside a name, or a whole label.
    """
    found = set(words)
    return any(not (found.isdisjoint(one) or found.isdisjoint(other)) for one, other in _LURES)


def asks_in_other_script(word: str) -> bool:
    """Say whether a word in a script that looks like no other asks for trust.

    Args:
        word: one folded word.
    """
    return any(sign in word for sign in _BAIT_SIGNS)
