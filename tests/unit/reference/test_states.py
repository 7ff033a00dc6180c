"""What the words of lists say of a company's state and of its diffusion."""

import pytest

from foxreviews.reference.states import diffusion, is_active, is_employer

ACTIVE = """
A | actif | Active | ACTIVES | en activité | Ouvert | ouverte | open | oui | VRAI | true | 1 | 1.0 | Immatriculée
Administrativement active | A - Active | Active depuis 2012 | Société active | is active
"""
CEASED = """
C | F | f | cessée | Cessé | cessees | Fermé | FERMÉE | ferme | Radiée | radié | closed | Ceased | struck off | Dissoute
inactif | Inactive | non | FAUX | false | 0 | 0.0 | en liquidation judiciaire | Liquidée | clôturée
C : Cessée | F (fermé) | Radiée le 12/03/2020 | Cessation d'activité | sans activité | n'est plus en activité
Fermé définitivement | non active | Clôturée pour insuffisance d'actif | Radiée du RCS | non active, radiée
struck off the register | sans activité, radiée | radiée d'office | A cessé son activité | Supprimée
"""
UNKNOWN_STATE = """
peut-être | inconnu | ? | active ? | prospect | suspendu | activité suspendue | en cours | N/A | - | NC | X | non radiée
jamais fermée | Active (radiation annulée) | en cours de radiation | fermeture temporaire | en sommeil | dormant
active, radiée | pas radiée, active | fermée le lundi | radiation partielle | fermé ? | #N/A
Actif (à vérifier) | A - Cessée | redressement judiciaire | 2 | 2020
"""
PUBLIC = """
O | o | oui | diffusible | Publique | public | Totale | Diffusion publique | O - diffusible | 1 | Totalement diffusible
"""
PARTIAL = """
P | p | N | n | non | Partielle | partiel | partiellement diffusible | Non diffusible | Non-diffusible | P (partielle)
[ND] | masqué | protégée | Diffusion partielle | non publique | privé | opposition | confidentiel | false
"""
UNKNOWN_DIFFUSION = """
X | inconnu | à vérifier | diffusible sauf prospection | D | ? | public ? | diffusion | A | O - partielle
#N/A | N/A | #REF!
"""


EMPLOYER = "O | oui | Oui | 1 | true | VRAI | Y | yes | employeur | Employeuse | employer"
NO_EMPLOYER = "N | non | 0 | 0.0 | false | FAUX | no | non employeur | Non employeuse | not employer"
UNKNOWN_EMPLOYER = "? | A | C | 12 | inconnu | employeur à domicile | employeur non | peut-être | RENAULT SAS"


def texts(table: str) -> list[str]:
    return [text.strip() for text in table.replace("\n", "|").split("|") if text.strip()]


@pytest.mark.parametrize(
    ("table", "meaning"),
    [(ACTIVE, True), (CEASED, False), (UNKNOWN_STATE, None)],
    ids=["active", "ceased", "?"],
)
def test_a_state_is_read_in_the_words_of_any_list_and_is_never_guessed(
    table: str, meaning: bool | None
) -> None:
    assert {text: is_active(text) for text in texts(table)} == dict.fromkeys(texts(table), meaning)


@pytest.mark.parametrize(
    ("table", "meaning"), [(PUBLIC, "O"), (PARTIAL, "P"), (UNKNOWN_DIFFUSION, None)], ids=["O", "P", "?"]
)
def test_a_diffusion_is_read_in_the_words_of_any_list_and_is_never_guessed(
    table: str, meaning: str | None
) -> None:
    assert {text: diffusion(text) for text in texts(table)} == dict.fromkeys(texts(table), meaning)


@pytest.mark.parametrize(
    ("table", "meaning"),
    [(EMPLOYER, True), (NO_EMPLOYER, False), (UNKNOWN_EMPLOYER, None)],
    ids=["employer", "none", "?"],
)
def test_an_employer_is_read_in_the_words_of_any_list_and_is_never_guessed(
    table: str, meaning: bool | None
) -> None:
    assert {text: is_employer(text) for text in texts(table)} == dict.fromkeys(texts(table), meaning)
