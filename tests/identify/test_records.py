"""Every shipped record is well formed, and no handle leads to two products."""

import re
import time
from collections import Counter

import msgspec
import pytest

from app.identify import KnowledgeBase, KnowledgeBaseError, default_knowledge_base
from app.identify.canonical import render
from app.identify.index import company_key
from app.identify.merchants import PrefixTable
from app.identify.normalise import clean_host, fold, squash
from app.identify.records import DATA_FOLDER, Product, Reseller
from app.identify.words import NEUTRAL_DOMAINS

KB = default_knowledge_base()
SOURCES = set(re.findall(r"^\| `([a-z0-9-]+)`", (DATA_FOLDER / "SOURCES.md").read_text(), re.MULTILINE))
MARKETING = sorted(DATA_FOLDER.glob("marketing/*.json"))
OTHER = sorted(DATA_FOLDER.glob("other/*.json"))


def test_the_base_is_large_enough_and_covers_the_landscape() -> None:
    marketing = [p for p in KB.products.values() if p.audience == "marketing"]
    other = [p for p in KB.products.values() if p.audience == "other"]
    assert len(marketing) >= 1600
    assert len(other) >= 180
    assert len(KB.categories) == 49
    assert {p.stem for p in MARKETING} == set(KB.categories)
    assert set(Counter(p.category for p in KB.products.values())) >= set(KB.categories)


@pytest.mark.parametrize("path", [*MARKETING, *OTHER], ids=lambda p: p.stem)
def test_a_file_is_written_in_the_one_style_and_holds_its_own_category(path) -> None:
    text = path.read_text(encoding="utf-8")
    products = msgspec.json.decode(text, type=list[Product])
    assert products
    assert {p.category for p in products} == {path.stem}
    assert text == render(products)


def test_every_record_is_well_formed() -> None:
    for product in KB.products.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product.id), product.id
        assert product.name.strip() == product.name
        assert product.name
        assert product.vendor
        assert product.sources, product.id
        assert set(product.sources) <= SOURCES, product.id
        for host in product.hosts:
            assert clean_host(host) == host, f"{product.id}: {host}"
        assert not set(product.hosts[1:]) & (KB.shared_domains | NEUTRAL_DOMAINS), product.id
        for values in (product.aliases, product.former_names, product.legal_names, product.domains):
            assert len({fold(v) for v in values}) == len(values), product.id
            assert all(v.strip() == v and v for v in values), product.id
        assert product.name not in product.aliases, product.id
        for client in product.client_ids.entra:
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", client)
        for client in product.client_ids.google:
            assert client.endswith(".apps.googleusercontent.com")


def test_a_product_of_another_area_is_never_called_marketing() -> None:
    outside = [p for p in KB.products.values() if p.category not in KB.categories]
    assert len(outside) >= 180
    assert {p.audience for p in outside} == {"other"}


def owners(pairs) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, product_id in pairs:
        found.setdefault(key, set()).add(product_id)
    return {key: ids for key, ids in found.items() if len(ids) > 1}


def test_no_handle_is_owned_twice() -> None:
    products = KB.products.values()
    hosts = ((h, p.id) for p in products for h in p.hosts if h not in KB.shared_domains)
    assert not owners(hosts)
    assert not owners((k, p.id) for p in products for k in p.okta_keys)
    assert not owners((c, p.id) for p in products for c in (*p.client_ids.google, *p.client_ids.entra))
    assert not owners((squash(fold(d)), p.id) for p in products for d in p.descriptors)


def test_no_statement_prefix_leads_to_two_owners() -> None:
    table = PrefixTable(KB.products.values(), KB.resellers)
    assert not owners((text, owner.id) for text, owner in table.patterns() if isinstance(owner, Product))
    assert not owners((text, owner.id) for text, owner in table.patterns() if isinstance(owner, Reseller))


def test_a_product_under_a_shared_domain_can_be_told_apart() -> None:
    for product in KB.products.values():
        if product.domain in KB.shared_domains:
            entry = KB.index.names.get(squash(fold(product.name)))
            assert entry is not None, product.id
            assert entry.product.id == product.id


def test_a_name_belongs_to_one_product() -> None:
    assert not owners((squash(fold(p.name)), p.id) for p in KB.products.values())
    names = {squash(fold(p.name)): p.id for p in KB.products.values()}
    for product in KB.products.values():
        for alias in (*product.aliases, *product.former_names):
            assert names.get(squash(fold(alias)), product.id) == product.id, f"{product.id}: {alias}"


def test_the_guarded_words_are_guarded() -> None:
    for word in ("Drift", "Buffer", "Later", "Segment", "Clay", "Apollo", "Branch", "Insider"):
        found = [p for p in KB.products.values() if p.name == word]
        assert len(found) == 1, word
        assert found[0].common_word, word
    assert not KB.products["canva"].common_word


def test_former_and_legal_names_are_there() -> None:
    assert "Sendinblue" in KB.products["brevo"].former_names
    assert "ExactTarget" in KB.products["salesforce-marketing-cloud"].former_names
    assert "Pardot" in KB.products["pardot"].former_names
    assert company_key("The Rocket Science Group, LLC") in KB.index.makers


def test_loading_is_quick() -> None:
    best = min(_timed() for _ in range(3))
    assert best < 0.3


def _timed() -> float:
    start = time.process_time()
    KnowledgeBase.load()
    return time.process_time() - start


def test_a_broken_file_is_named(tmp_path) -> None:
    (tmp_path / "marketing").mkdir()
    broken = tmp_path / "marketing" / "CE-SEO.json"
    broken.write_text('[{"id": "x", "name": "X", "nmae": "Y"}]')
    with pytest.raises(KnowledgeBaseError, match=r"CE-SEO\.json"):
        KnowledgeBase.load(tmp_path)


def test_an_id_used_twice_is_refused(tmp_path) -> None:
    folder = tmp_path / "marketing"
    folder.mkdir()
    record = render([KB.products["hubspot"]])
    (folder / "CE-MA.json").write_text(record)
    (folder / "SR-CRM.json").write_text(record)
    with pytest.raises(KnowledgeBaseError, match="used twice"):
        KnowledgeBase.load(tmp_path)
