"""Each check of the knowledge base finds what it is for, and names file, record and remedy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.identify import KnowledgeBaseError
from app.identify.adding import add_record, make_record
from app.identify.contents import Contents, read_contents
from app.identify.lint import HEAD_FIELDS, lint, needs_guard, restyled
from app.identify.records import DATA_FOLDER, Product

SHIPPED = read_contents()
Found = list[tuple[str, str, str, str]]
Look = Callable[..., Found]


def record(**more: Any) -> dict[str, Any]:
    """A record that nothing speaks against, with some fields said otherwise."""
    called = more.get("name", "Zyxq")
    plain = {
        "id": called.lower().replace(" ", "-"),
        "name": called,
        "vendor": called,
        "domain": f"{called.lower().replace(' ', '')}.com",
        "category": "CE-SEO",
        "audience": "marketing",
        "sources": ["own"],
    }
    return plain | more


def folder_of(tmp_path: Path, *records: Any, file: str = "marketing/CE-SEO.json", **small: Any) -> Path:
    for name in (
        "taxonomy.json",
        "resellers.json",
        "shared_domains.json",
        "SOURCES.md",
        "ordinary_words.txt",
    ):
        text = json.dumps(small[name[:6]]) if name[:6] in small else (DATA_FOLDER / name).read_text()
        (tmp_path / name).write_text(text)
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(list(records)))
    for name, text in restyled(read_contents(tmp_path)).items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def found(*records: Any, **more: Any) -> Found:
        return [tuple(f) for f in lint(read_contents(folder_of(tmp_path, *records, **more)))]

    return found


def test_good_records_pass(look: Look) -> None:
    assert look(record(), record(name="Qxyz", aliases=["Qxyz Suite"], descriptors=["QXYZ *"])) == []


def test_the_ordinary_words_are_well_kept() -> None:
    text = (DATA_FOLDER / "ordinary_words.txt").read_text()
    words = [w for line in text.splitlines() if not line.startswith("#") for w in line.split()]
    assert len(words) > 3000
    assert words == sorted(set(words))
    assert all(word.isascii() and word.isalpha() and word.islower() and len(word) > 1 for word in words)
    assert {"drift", "later", "clay", "sprout", "segment", "emma", "berlin", "abeille", "stern"} <= set(words)
    assert not {"slack", "zoom", "outlook", "mailchimp"} & set(words)


@pytest.mark.parametrize(
    ("name", "ordinary"), [("M-anage", True), ("Café", True), ("DRIFT", True), ("Drift Kings", False)]
)
def test_an_ordinary_word_is_known_in_any_dress(name: str, ordinary: bool) -> None:
    assert needs_guard(SHIPPED, name) == ordinary


@pytest.mark.parametrize(
    ("fields", "check", "message"),
    [
        ({"id": "Zy xq"}, "text", "must be lower-case words joined by dashes"),
        ({"vendor": ""}, "text", "vendor is empty"),
        ({"name": "Zyxq "}, "text", "stray spaces"),
        ({"owner": "Acme\u200b"}, "text", "invisible characters"),
        ({"aliases": ["Zy  xq"]}, "text", "stray spaces"),
        ({"legal_names": [""]}, "text", "empty text"),
        ({"former_names": ["Old One", "OLD ONE"]}, "text", "'old one' twice"),
        ({"aliases": ["ZYXQ"]}, "text", "repeats the name"),
        ({"category": "CE-CMS"}, "category", "its category is 'CE-CMS'"),
        ({"domain": "https://zyxq.com"}, "host", "is written 'zyxq.com'"),
        ({"login_hosts": ["login"]}, "host", "'login' is no host name"),
        ({"domains": ["zyxq.com"]}, "host", "listed 2 times"),
        ({"asset_domains": ["google.com"]}, "host", "shared by several products"),
        ({"login_hosts": ["microsoftonline.com"]}, "host", "beside products of any maker"),
        ({"client_ids": {"entra": ["1234"]}}, "client_id", "no GUID"),
        ({"client_ids": {"google": ["1234.example.com"]}}, "client_id", "must end in"),
        ({"descriptors": ["ZY"]}, "descriptor", "too short"),
        ({"name": "Butter"}, "guard", 'add "common_word": true'),
        ({"former_names": ["Sprout"]}, "guard", "add \"guarded\": [\"Sprout\"]"),
        ({"guarded": ["Sprout"]}, "guard", "none of its names"),
        ({"tier": "head", "aliases": ["Zyxq One"]}, "head", "says its pricing"),
        ({"tier": "head", "pricing": "paid", "domains": ["zy.io"]}, "head", "handles, this one 1"),
        ({"sources": []}, "source", "names no sources"),
        ({"sources": ["hearsay"]}, "source", "'hearsay' is not in SOURCES.md"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_record_is_said(look: Look, fields: Any, check: str, message: str) -> None:
    found = look(record(**fields))
    assert check in {f[2] for f in found}, found
    told = next(f for f in found if f[2] == check and message in f[3])
    assert told[:2] == ("marketing/CE-SEO.json", record(**fields)["id"])


def test_a_guard_is_enough(look: Look) -> None:
    guarded = record(name="Butter", common_word=True, former_names=["Sprout"], guarded=["Sprout"])
    assert look(guarded) == []


def test_a_full_head_record_passes(look: Look) -> None:
    head = record(
        tier="head",
        pricing="free_plan",
        legal_names=["Zyxq Ltd"],
        descriptors=["ZYXQ *"],
        login_hosts=["app.zyxq.com"],
        client_ids={"google": ["1-a.apps.googleusercontent.com"]},
    )
    assert look(head) == []
    assert set(HEAD_FIELDS) <= set(Product.__struct_fields__)


@pytest.mark.parametrize(
    ("mine", "theirs", "check", "message"),
    [
        ({"id": "qxyz"}, {}, "id", "used in marketing/CE-SEO.json as well"),
        (
            {"login_hosts": ["a.qx.io"]},
            {"domains": ["a.qx.io"]},
            "host",
            "the host 'a.qx.io' is also a host of",
        ),
        ({"okta_keys": ["qx"]}, {"okta_keys": ["qx"]}, "okta_key", "an Okta key of"),
        (
            {"client_ids": {"google": ["1-a.apps.googleusercontent.com"]}},
            {"client_ids": {"google": ["1-a.apps.googleusercontent.com"]}},
            "client_id",
            "client id of",
        ),
        ({"descriptors": ["QX SEO"]}, {"descriptors": ["QX*SEO"]}, "descriptor", "descriptor of"),
        ({"descriptors": ["QXQXQ *"]}, {"descriptors": ["QXQXQ"]}, "descriptor", "descriptor of"),
        ({"aliases": ["qxyz"]}, {}, "name", "the alias 'qxyz' is also a name of"),
        ({"aliases": ["Qx One"]}, {"aliases": ["QX-ONE"]}, "name", "is also an alias of"),
        ({"former_names": ["Qx One"]}, {"oauth_names": ["Qx One"]}, "name", "a name on consent screens of"),
        ({"legal_names": ["Qxyz Ltd"]}, {}, "legal_name", "is also a name of"),
        ({"legal_names": ["Qx Ltd"]}, {"legal_names": ["Qx Ltd"]}, "legal_name", "a legal name of"),
    ],
)
def test_what_two_records_own_is_said_with_both(
    look: Look, mine: Any, theirs: Any, check: str, message: str
) -> None:
    found = look(record(name="Qxyz", **theirs), record(**mine))
    assert [f[2] for f in found] == [check], found
    assert message in found[0][3]
    if check != "id":
        assert f"{'Qxyz' if found[0][1] == 'zyxq' else 'Zyxq'} (" in found[0][3]


def test_descriptors_that_are_printed_alike_are_found(look: Look) -> None:
    found = look(record(name="Qxyz", descriptors=["QXQXQ *"]), record(descriptors=["QXQXQ*SEO"]))
    assert found == []
    found = look(record(name="Qxyz", descriptors=["QXQXQ *SEO"]), record(descriptors=["QXQXQSEO*"]))
    assert [f[2] for f in found] == ["descriptor"]


def test_products_of_one_company_share_its_legal_name(look: Look) -> None:
    one = record(name="Qxyz", vendor="Acme", legal_names=["Acme Inc"])
    other = record(owner="Acme", legal_names=["Acme Inc"])
    assert look(one, other) == []


def test_an_area_outside_the_landscape_is_never_marketings(look: Look) -> None:
    found = look(record(category="finance"), file="other/finance.json")
    assert [(f[2], 'has the audience "other"' in f[3]) for f in found] == [("category", True)]
    found = look(record(), file="other/CE-SEO.json")
    assert any("belongs under marketing/" in f[3] for f in found)
    found = look(record(category="made-up"), file="marketing/made-up.json")
    assert any("no heading 'made-up'" in f[3] for f in found)


def test_small_files_are_checked(look: Look) -> None:
    found = look(record(), shared=["ibm.com", "google.com"])
    assert [f[:1] + f[2:3] for f in found] == [("shared_domains.json", "style")]
    found = look(record(), shared=["HTTPS://ibm.com"])
    assert [f[1:3] for f in found] == [("HTTPS://ibm.com", "host")]
    reseller = {"id": "acmepay", "name": "Acme Pay", "prefixes": ["ACMEPAY *"]}
    found = look(record(), resell=[reseller, reseller | {"prefixes": ["ACMEPAYS *"]}])
    assert [f[:3] for f in found] == [("resellers.json", "acmepay", "id")]
    found = look(record(), resell=[reseller, reseller | {"id": "other"}])
    assert [f[:3] for f in found] == [("resellers.json", "other", "descriptor")]


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_checked(look: Look) -> None:
    found = look(record(nmae="x"), {"id": "half"}, 7, record(name="Butter"))
    assert [f[1:3] for f in found] == [
        ("butter", "guard"),
        ("half", "schema"),
        ("record 3", "schema"),
        ("zyxq", "schema"),
    ]
    assert "nmae" in found[3][3]


def test_a_file_that_is_no_list_is_named(tmp_path: Path) -> None:
    folder_of(tmp_path, record())
    (tmp_path / "marketing" / "CE-SEO.json").write_text('{"id": ')
    (finding,) = lint(read_contents(tmp_path))
    assert finding.file == "marketing/CE-SEO.json"
    assert "cannot be read" in str(finding)


def test_style_is_found_and_mended(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, record(), record(name="Qxyz"))
    path = folder / "marketing" / "CE-SEO.json"
    good = path.read_text()
    path.write_text(json.dumps([record(), record(name="Qxyz")]))
    contents = read_contents(folder)
    assert [f.check for f in lint(contents)] == ["style"]
    assert restyled(contents) == {"marketing/CE-SEO.json": good}


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="no data folder"):
        read_contents(tmp_path)
    folder_of(tmp_path, record())
    (tmp_path / "ordinary_words.txt").unlink()
    with pytest.raises(KnowledgeBaseError, match=r"ordinary_words\.txt"):
        read_contents(tmp_path)


# --- adding --------------------------------------------------------------------------------------


def test_a_record_is_filled_in_from_what_is_said() -> None:
    entry = make_record(
        SHIPPED, {"name": "Zyxq Mail", "domain": "zyxq.com", "category": "ce-email", "vendor": ""}
    )
    assert entry.file == "marketing/CE-EMAIL.json"
    product = entry.product
    assert (product.id, product.vendor, product.audience) == ("zyxq-mail", "Zyxq Mail", "marketing")
    assert (product.category, product.sources) == ("CE-EMAIL", ("own",))
    entry = make_record(SHIPPED, {"name": "Zyxq", "domain": "zyxq.com", "category": "other/finance"})
    assert (entry.file, entry.product.audience) == ("other/finance.json", "other")


def test_what_cannot_be_a_record_is_refused() -> None:
    with pytest.raises(KnowledgeBaseError, match=r"no category 'CE-NONE'; use .*CE-EMAIL.*finance"):
        make_record(SHIPPED, {"name": "Zyxq", "domain": "zyxq.com", "category": "CE-NONE"})
    with pytest.raises(KnowledgeBaseError, match="pricing"):
        make_record(SHIPPED, {"name": "Zyxq", "domain": "zyxq.com", "category": "CE-SEO", "pricing": "much"})


def test_adding_gives_the_file_as_it_will_read(tmp_path: Path) -> None:
    contents = read_contents(folder_of(tmp_path, record(name="Qxyz")))
    addition = add_record(contents, make_record(contents, record()))
    assert addition.findings == []
    (tmp_path / addition.file).write_text(addition.text)
    after = read_contents(tmp_path)
    assert [e.product.id for e in after.entries] == ["qxyz", "zyxq"]
    assert lint(after) == []


def test_adding_what_collides_says_with_whom(tmp_path: Path) -> None:
    contents: Contents = read_contents(folder_of(tmp_path, record(name="Qxyz", aliases=["Zyxq"])))
    addition = add_record(contents, make_record(contents, record(domain="qxyz.com")))
    assert len(addition.findings) == 2
    assert all("qxyz" in str(finding) for finding in addition.findings)


def test_adding_to_a_file_with_a_broken_record_would_lose_it(tmp_path: Path) -> None:
    contents = read_contents(folder_of(tmp_path, record(name="Qxyz"), record(name="Broken", nmae=1)))
    with pytest.raises(KnowledgeBaseError, match=r"mended first.*broken"):
        add_record(contents, make_record(contents, record()))
