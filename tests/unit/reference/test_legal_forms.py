import json
import re

from foxreviews.reference.legal_forms import LEGAL_FORMS


def plain(text):
    """A label without the typography in which files differ."""
    return "".join(text.replace("&nbsp;", " ").replace("’", "'").split())


def test_a_legal_form_is_known_by_four_digits_and_has_a_clean_label():
    assert len(LEGAL_FORMS) == 260
    assert LEGAL_FORMS["5710"] == "SAS, société par actions simplifiée"
    assert LEGAL_FORMS["1000"] == "Entrepreneur individuel"
    for code, label in LEGAL_FORMS.items():
        assert re.fullmatch("[0-9]{4}", code)
        assert label == " ".join(label.split())
        assert not re.search("[’&]|' ", label)


def test_every_legal_form_is_that_of_the_nomenclature(shared_data):
    official = json.loads((shared_data / "labels_natures-juridiques.json").read_text(encoding="utf-8"))
    assert {c: plain(n) for c, n in LEGAL_FORMS.items()} == {c: plain(n) for c, n in official.items()}
