"""Who acts, and in which capacity."""

import pytest

from provisioner.actor import Actor, Capacity
from provisioner.errors import NotAllowed

OWN = Capacity("division_head", "Kepala Bidang")
ACTING = Capacity("head", "Plt. Kepala Dinas", "PLT", "SP 800/1, 2026-06-01")


def actor(*capacities: Capacity) -> Actor:
    return Actor("o1", "kabid", "Endang Purwanti, S.Sos.", capacities, position="Kepala Bidang PIAK")


def test_somebody_holds_their_posts_and_those_they_act_for() -> None:
    someone = actor(OWN, ACTING)
    assert someone.posts == {"division_head", "head"}
    assert someone.holds("head")
    assert someone.holds("section_head", "division_head")
    assert not someone.holds("section_head")


def test_a_post_that_is_not_held_is_refused_and_named() -> None:
    with pytest.raises(NotAllowed) as refused:
        actor(OWN).require("head", "it")
    assert refused.value.code == "not-your-post"
    assert refused.value.data["posts"] == "head,it"


def test_nobody_acts_without_any_post() -> None:
    assert not actor().holds()
    with pytest.raises(NotAllowed):
        actor().require("head")


def test_the_own_post_comes_before_one_stood_in_for() -> None:
    same_post = Capacity("division_head", "Plh. Kepala Bidang", "PLH", "SP 1")
    assert actor(same_post, OWN).require("division_head") is OWN


def test_the_trail_names_the_capacity_in_which_somebody_acted() -> None:
    assert actor(OWN, ACTING).in_trail(ACTING).label == "Plt. Kepala Dinas"
    assert actor(OWN, ACTING).in_trail().label == "Kepala Bidang"
    assert actor().in_trail().label == "Kepala Bidang PIAK"


def test_somebody_at_the_console_is_a_command_in_the_trail() -> None:
    assert Actor("", "root", "root", (Capacity("it", "Petugas TI (root)"),)).in_trail().kind == "command"
