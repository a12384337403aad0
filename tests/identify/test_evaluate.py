"""The measuring tool counts right, wrong and missed."""

from app.identify import default_knowledge_base
from app.identify.evaluate import evaluate, main, report


def test_counts_by_kind() -> None:
    rows = [
        {"kind": "app_name", "value": "HubSpot", "expected_domain": "hubspot.com", "is_marketing": "1"},
        {"kind": "app_name", "value": "Pardot", "expected_name": "Account Engagement", "expected_domain": ""},
        {"kind": "app_name", "value": "Slack", "expected_domain": "zoom.us", "is_marketing": ""},
        {"kind": "merchant", "value": "NOBODY KNOWS", "expected_domain": "acme.com"},
        {"kind": "merchant", "value": "COSTA COFFEE", "expected_domain": ""},
    ]
    counts, faults = evaluate(default_knowledge_base(), rows)
    assert counts["app_name"]["right"] == 2
    assert counts["app_name"]["wrong"] == 1
    assert counts["merchant"]["missed"] == 1
    assert counts["merchant"]["rightly silent"] == 1
    assert [fault.split(":")[0] for fault in faults] == ["wrong", "missed"]
    assert "0.667" in report(counts)


def test_a_bad_file_is_explained(tmp_path, capsys) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("name\nx\n")
    assert main([str(path)]) == 2
    assert "kind, value" in capsys.readouterr().err
    assert main([]) == 2
    assert main([str(tmp_path / "none.csv")]) == 2
    path.write_text("kind,value,expected_domain\napp_name,HubSpot,hubspot.com\n")
    assert main([str(path)]) == 0
    assert "1.000" in capsys.readouterr().out
