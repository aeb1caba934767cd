"""What stands round a page: alike for all who are signed in alike, save for the page's own address."""

from types import SimpleNamespace

from api.pages.shared.frame import Frames

ROUND = '<b>{may}{who}</b>{between}brand{between}<a href="/me">me</a><a href="/plan">plan</a>{between}?back={here}'


def frames(filled):
    def fill(given):
        filled.append(given)
        who = given["session"].account_id
        return ROUND.format(may=sorted(given["may"]), who=who, between=given["between"], here=given["here"])

    return Frames(fill)


def page(path, account_id=None, may=(), here=None):
    return {"session": SimpleNamespace(account_id=account_id), "may": may, "path": path, "here": here or path}


def test_it_is_filled_once_for_each_kind_of_visitor_and_knows_none_of_them():
    kept = frames(filled := [])
    for account in ("amal", "basel"):
        assert "somebody" in kept.get(page("/me", account)).state
    assert "None" in kept.get(page("/")).state
    assert "desk" in kept.get(page("/", "officer", {"desk"})).state
    assert "None" in kept.get(page("/") | {"session": None}).state
    assert len(filled) == 3
    assert "amal" not in str(filled)


def test_each_page_marks_its_own_link_and_leads_back_to_itself():
    kept = frames([])
    frame = kept.get(page("/me", "amal", here='/me?q="><script>&x=1'))
    assert frame.account == '<a href="/me" aria-current="page">me</a><a href="/plan">plan</a>'
    assert frame.foot == "?back=/me%3Fq%3D%22%3E%3Cscript%3E%26x%3D1"
    assert "aria-current" not in kept.get(page('/"><script>', "amal")).account
