"""What stands behind a merchant's name on a statement line: every word of it has to be explained."""

from app.identify.beside import is_distinctive, is_famous, is_of_other_script
from app.identify.classes import (
    AREA,
    BUSINESS,
    CLASSES,
    DESCRIBING,
    EVENT,
    LEGAL,
    NOISE,
    PART,
    PLACED,
    PLAN_WORD,
    STATE,
    VAGUE,
)
from app.identify.cut_words import SHORTEST_CUT_WORD, begins_known_word, begins_trade_word
from app.identify.describing import LISTED, ORDINARY
from app.identify.fame import is_known
from app.identify.index import Index, NameEntry
from app.identify.legal_forms import join_legal_forms
from app.identify.normalise import fold, is_reference, words_of
from app.identify.records import Product
from app.identify.trade_words import AREA_WORDS, BILLED_WORDS, SHOP_SIGNS, SHOP_WORDS
from app.identify.words import PLACES, TRADES, word_set
from app.identify.worn_lines import is_run_together

ENDS = NOISE | LEGAL | PLAN_WORD
"""Kinds of words that may stand at the end of any line: of the payment, a legal form, a place, a plan."""

SHORTEST_CITY_NAME = 6
_SHORT, _SHORTEST_CUT = 4, 4
_LONGEST_AGAIN = 3
_LONGEST_CITY = 2
_COMPANY_KINDS = word_set("technologies technology software")
_SHORTEST_CUT_KIND = 6
_CUT_KINDS = frozenset(
    word[:end]
    for word in _COMPANY_KINDS | {"corporation", "incorporated"}
    for end in range(_SHORTEST_CUT_KIND, len(word))
) - {"techno"}  # `SLACK TECHNO` is a club
_CUT_SHOPS = frozenset(word[:end] for word in SHOP_WORDS for end in range(SHORTEST_CUT_WORD, len(word) + 1))
"""What shops call themselves, whole or cut off."""
_SHORT_CUTS = word_set("gmb lim ll lt sof tec")
"""What is left of a legal form or a kind of company, in so few letters that other words begin alike."""
_MERCHANTS_OF_RECORD = word_set("2checkout 2co avangate cleverbridge digitalriver fastspring fsprg paddlenet")
"""Who sells for makers of software, as their names stand behind the maker's."""
IN_COMPANY_NAMES = word_set("assoc electronic networks")
"""Before a legal form these make it another company (`ACMELY NETWORKS LLC`)."""
_LONG_NUMBER = 5
_STREET = word_set(
    "st street ave avenue rd road blvd boulevard dr drive ln lane pkwy parkway hwy highway suite ste "
    "floor fl "
    "way plaza broadway n s e w strasse str platz rue calle via first second third fourth fifth"
)
_PERIODS = word_set("fy cy q")
_MONTHS = word_set(
    "jan feb mar apr jun jul aug sept oct nov dec january february march april june july august september "
    "october november december"
)
_MOST_UNKNOWN = 2
_CERTAINLY_SOFTWARE = word_set("api licence licences license licenses saas seats software usage users")
"""Behind a coined name one of these is enough, whatever parts of the product stand beside it."""
_LEAST_SOFTWARE = 2
_SOLD_AS_SOFTWARE = word_set(
    "ai analytics api cloud cms compute crm credits data enterprise erp hcm itsm licence licences license "
    "licenses platform saas seats software subscription usage users workspace"
)
_AREA_WORDS = {code: words - TRADES for code, words in AREA_WORDS.items()}
"""Words of what products of an area do, save those that shops call themselves by."""
_STRONG = ("merchant_name", False)
_USUAL_FORMS = word_set("inc incorporated")
_FORMS = {"incorporated": "inc", "limited": "ltd", "corporation": "corp"}


def explained(
    index: Index, entry: NameEntry, name: list[str], rest: list[str], *, cut: bool, dressed: bool
) -> tuple[str, bool] | None:
    """Explain all words behind a name.

    Args:
        index: the look-up tables.
        entry: what the name leads to.
        name: the name's words.
        rest: the words behind it.
        cut: whether the last word may be cut off at the line's end.
        dressed: whether words for what the product does may follow.

    Returns:
        The rule and whether the name still is too weak alone; None if a word is not explained, so
        that it is another merchant.
    """
    if not rest:
        return "merchant_name", entry.weak
    if not entry.weak and all_end_a_line(rest):
        return _STRONG  # most lines; what else is asked of such words only an ordinary word needs
    first = CLASSES.get(rest[0], 0)
    if (first & AREA or rest[0] in _COMPANY_KINDS) and not entry.weak and _local_company(rest):
        return _STRONG
    if rest[0] == "and" and not CLASSES.get(name[-1], 0) & LEGAL:
        return None  # `MILLER & CO`, `ACMELY & SONS`: a partnership of that name
    if first & LEGAL and "and" in rest[1:2] and not is_distinctive(entry, name):
        return None  # `ACTON GMBH & CO KG`
    if first & LEGAL and (
        not entry.weak or (_incorporated(entry.product, "".join(name), rest[0]) and _only_a_place(rest))
    ):
        return _STRONG
    if entry.weak and _is_its_software_company(entry, name, rest):
        return "leading_name", False
    if entry.weak and all_end_a_line(rest):
        return "merchant_name", True
    if entry.rule == "legal_name" and not entry.weak and _company_in_a_place(name, rest):
        return _STRONG
    own = index.category_words.get(entry.product.category, frozenset())
    area: frozenset[str] = frozenset()
    if not entry.weak or entry.product.category == "ai":  # no shop is called `HARBOR AI`
        area = _AREA_WORDS.get(entry.product.category, area)
    distinctive = is_distinctive(entry, name)
    described = worded = twice = False
    unknown: list[int] = []
    at, last = 0, len(rest) - 1
    while at <= last:
        word = rest[at]
        bits = CLASSES.get(word, 0)
        if bits & LEGAL and not bits & VAGUE and distinctive and not unknown and not described:
            return _STRONG
        if (
            at == 0
            and (bits & AREA or word in _COMPANY_KINDS)
            and (distinctive or _is_short(index, entry, name))
        ):
            return _STRONG
        if (
            word[-1].isdigit()
            and at < last
            and not entry.weak
            and (_is_payment(word) or _is_house(entry, name, rest[at:]))
        ):
            break  # an address follows
        if (
            ends_a_line(word)
            or _is_period(word)
            or (not entry.weak and (word in _MERCHANTS_OF_RECORD or (at == last and word in _CUT_KINDS)))
            or (distinctive and is_of_other_script(word) and not is_shop_s(word))
            or (distinctive and (bits & PLACED or (bits & PART and at == 0)))
        ):
            pass
        elif (word in own or word in area) and not (entry.weak and word in TRADES):
            worded = True
        elif word in IN_COMPANY_NAMES and any(CLASSES.get(w, 0) & LEGAL for w in rest[at + 1 :]):
            unknown.append(at)
        elif dressed and (
            (bits & DESCRIBING and not bits & EVENT and word not in LISTED)
            or (word in BILLED_WORDS and (distinctive or (not entry.weak and word in _SOLD_AS_SOFTWARE)))
        ):
            described = True
        elif (again := _again(index, entry.product, rest[at:])) is not None:
            at += again[1] - 1
            twice = twice or not again[0].weak
        elif (cut and at == last and begins_known_word(word)) or (
            not entry.weak and _is_of_a_place(rest, at)
        ):
            pass
        elif at == last and len(word) >= _SHORTEST_CUT and _begins_one(word, own):
            worded = True  # `PUBL`, where the line or the wallet had no more room
        elif at == last and distinctive and _is_cut_off(word):
            pass
        else:
            unknown.append(at)
        at += 1
    if unknown and distinctive and dressed and _is_sold_by_name(entry, rest, unknown):
        return "leading_name", False
    if unknown:
        return _STRONG if _same_or_in_a_city(index, entry, name, rest, unknown, distinctive) else None
    if twice:
        return _STRONG
    if described:
        told = distinctive or (not entry.weak and _is_billed_software(name, rest))
        return ("leading_name", False) if told else None
    if worded and entry.rule in {"name", "alias"}:
        return "name+word", False
    if worded:
        return None
    return "merchant_name", entry.weak


def _is_cut_off(word: str) -> bool:
    """Say whether a word is the beginning of one that may stand behind a coined name, wherever it was cut.

    `KLAVIYO SING`, `TABLEAU GERMAN` and `PEABERRY SOF` say no more than the whole words would.
    """
    if word in _CUT_SHOPS:
        return False  # `ACMELY BARB` may be a barber
    if len(word) < _SHORTEST_CUT:
        return word in _SHORT_CUTS
    return begins_trade_word(word) or begins_known_word(word)


def _begins_one(word: str, words: frozenset[str]) -> bool:
    """Say whether a word is the beginning of one of the words, and no whole one."""
    return word not in words and word not in TRADES and any(w.startswith(word) for w in words)


def _is_short(index: Index, entry: NameEntry, name: list[str]) -> bool:
    """Say whether a name of four letters is coined all the same (`KEKA TECHNOLOGIES`)."""
    if len(name) != 1 or len(name[0]) != _SHORT or entry.weak or entry.rule != "name":
        return False
    return name[0].isalpha() and not index.is_ordinary(name[0]) and name[0] not in ORDINARY


def _is_period(word: str) -> bool:
    """Say whether a word is what a bill is for: a year, a quarter, a month, thousands (`FY25`, `100K`)."""
    if word[-1].isdigit():
        return word.rstrip("0123456789") in _PERIODS
    return word in _MONTHS or (word[-1] == "k" and word[:-1].isdigit())


def _is_billed_software(name: list[str], rest: list[str]) -> bool:
    """Say whether words behind a sure name are unmistakably a bill for software (`DATA CLOUD USAGE`).

    Behind a name that is also a word two of them are asked for: a shop may have one.
    """
    return len(_SOLD_AS_SOFTWARE.intersection(rest)) >= (1 if len(name) > 1 else _LEAST_SOFTWARE)


def _is_sold_by_name(entry: NameEntry, rest: list[str], unknown: list[int]) -> bool:
    """Say whether the unexplained words are parts of a product sold by its name (`KAFKA API USAGE`)."""
    return (
        len(unknown) <= _MOST_UNKNOWN
        and entry.rule in {"name", "alias"}
        and not _CERTAINLY_SOFTWARE.isdisjoint(rest)
        and not any(CLASSES.get(rest[at], 0) & EVENT for at in unknown)
    )


def _local_company(rest: list[str]) -> bool:
    """Say whether a name's local company follows, its form cut or not (`AUSTRALIA PTY CREMORNE`)."""
    at = 0
    while at < len(rest) and (CLASSES.get(rest[at], 0) & AREA or rest[at] in _COMPANY_KINDS):
        at += 1
    form = CLASSES.get(rest[at], 0) if 0 < at < len(rest) else 0
    return bool(form & LEGAL) and _only_a_place(rest[at:])


def _is_payment(word: str) -> bool:
    """Say whether a word is a payment's number: no name goes on behind it."""
    return len(word) >= _LONG_NUMBER and sum(map(str.isdigit, word)) >= _LONG_NUMBER


def _is_house(entry: NameEntry, name: list[str], rest: list[str]) -> bool:
    """Say whether a house number and its street follow a sure name (`1608 S ASHLA`, `25 FIRST STREET`)."""
    number, street = rest[0], rest[1:]
    return number.isdigit() and not _STREET.isdisjoint(street) and is_famous(entry, name)


def _incorporated(product: Product, name: str, form: str) -> bool:
    """Say whether a legal form is that of the product's company: behind an ordinary word any other is not.

    `HARBOR GMBH` is no Harbor Inc. Where no company is written down, only an `inc` is believed.
    """
    if CLASSES.get(form, 0) & VAGUE:
        return False
    if not product.legal_names:
        return form in _USUAL_FORMS
    known = (words_of(join_legal_forms(fold(legal))) for legal in product.legal_names)
    forms = {words[-1] for words in known if "".join(words).startswith(name)}
    return _FORMS.get(form, form) in {_FORMS.get(word, word) for word in forms}


def _is_its_software_company(entry: NameEntry, name: list[str], rest: list[str]) -> bool:
    """Say whether a well-known product's ordinary word is a software company's (`CANTO SOFTWARE INC`).

    The legal form must be that of its own company.
    """
    if len(rest) < 2 or rest[0] != "software" or not is_known(entry.product):
        return False
    return bool(CLASSES.get(rest[1], 0) & LEGAL) and _incorporated(entry.product, "".join(name), rest[1])


def _again(index: Index, product: Product, rest: list[str]) -> tuple[NameEntry, int] | None:
    """Give the name by which a line says a product once more, whichever of its names, and its words."""
    for end in range(min(len(rest), _LONGEST_AGAIN), 0, -1):
        entry = index.names.get("".join(rest[:end]))
        if entry is not None and entry.product is product:
            return entry, end
    return None


def _company_in_a_place(name: list[str], rest: list[str]) -> bool:
    """Say whether behind a company's name, form included, is nothing but a place (`ACMELY AS PRAHA`)."""
    if CLASSES.get(name[-1], 0) & LEGAL:
        left = [word for word in rest if not ends_a_line(word)]
        known = CLASSES.get(rest[-1], 0) & STATE
        return len(left) <= (2 if known else 1) and all(map(_may_be_a_place, left))
    return len(name) > 1 and all(ends_a_line(w) or CLASSES.get(w, 0) & PLACED for w in rest)


def _is_of_a_place(rest: list[str], at: int) -> bool:
    """Say whether a word is two of a place in one, or the short form of a province behind its city."""
    word = rest[at]
    if at and at == len(rest) - 1 and len(word) == len("ka") and word.isalpha():
        return bool(CLASSES.get(rest[at - 1], 0) & PLACED) or rest[at - 1] in PLACES
    return is_run_together(word)


def _may_be_a_place(word: str) -> bool:
    bits = CLASSES.get(word, 0)
    return not bits & ~BUSINESS or bool(bits & PLACED)


def _only_a_place(rest: list[str]) -> bool:
    """Say whether behind a legal form comes nothing but the payment and a place, a small one included."""
    left = [at for at, word in enumerate(rest) if not ends_a_line(word)]
    return not left or (len(left) == 1 and _may_be_a_place(rest[left[0]]))


def is_shop_s(word: str) -> bool:
    """Say whether a word is one by which shops call themselves, in whatever script."""
    return word in SHOP_WORDS or (not word.isascii() and any(sign in word for sign in SHOP_SIGNS))


def ends_a_line(word: str) -> bool:
    """Say whether a word is one of the payment, of a company's form, or of a place."""
    return bool(CLASSES.get(word, 0) & ENDS) or len(word) == 1 or is_reference(word)


def all_end_a_line(words: list[str]) -> bool:
    """Say of words what `ends_a_line` says of each."""
    kinds = CLASSES.get
    for word in words:  # in one loop: it is asked of nearly every line
        if not (kinds(word, 0) & ENDS or word.isdigit() or len(word) == 1 or is_reference(word)):
            return False
    return True


def _same_or_in_a_city(
    index: Index, entry: NameEntry, name: list[str], rest: list[str], unknown: list[int], distinctive: bool
) -> bool:
    """Say whether the unexplained words are the product once more, or a city nobody listed.

    A city is believed in one unknown word before a state or country, behind a coined name; in two, if no
    word of the language is among them.
    """
    end = len(rest)
    while end and ends_a_line(rest[end - 1]):
        end -= 1
    if not entry.weak and end:
        again = "".join(rest[:end])
        second = index.names.get(again)
        if second is not None and second.product is entry.product:
            return True
        if entry.product.vendor in index.makers.get(again, ()):
            return True
    letters, first = sum(map(len, name)), len(rest) - 1 - len(unknown)
    if not distinctive or letters < SHORTEST_CITY_NAME or not CLASSES.get(rest[-1], 0) & STATE:
        return False
    if unknown != list(range(first, len(rest) - 1)):
        return False
    if len(unknown) == 1:
        return True
    long = letters > SHORTEST_CITY_NAME and len(unknown) == _LONGEST_CITY
    return long and all(_may_be_a_place(rest[at]) and not index.is_ordinary(rest[at]) for at in unknown)
