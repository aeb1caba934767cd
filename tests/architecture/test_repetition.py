from importlib.util import module_from_spec, spec_from_file_location

from tests.support.root import ROOT


def measure():
    spec = spec_from_file_location("structure", ROOT / "benchmarks" / "structure.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


structure = measure()


def test_no_two_places_share_twelve_lines():
    assert structure.pairs(ROOT, structure.sources(ROOT), structure.same_lines) == []


def written(folder, name, *lines):
    file = folder / name
    file.write_text("\n".join([*lines, ""]))
    return file


def test_twelve_same_lines_are_a_pair_whatever_their_layout(tmp_path):
    steps = [f"step_{number}()" for number in range(12)]
    plain = written(tmp_path, "plain.py", "import os", *steps)
    inside = written(tmp_path, "inside.py", "if True:", *[f"    {step}\n\n    # and then" for step in steps])
    shorter = written(tmp_path, "shorter.py", *steps[:11])
    found = structure.pairs(tmp_path, [plain, inside, shorter], structure.same_lines)
    assert found == ["plain.py:2 ~ inside.py:2 (12 lines)"]


def test_functions_that_differ_in_names_alone_are_alike(tmp_path):
    one = written(tmp_path, "one.py", "def one(a):", *[f"    step_{number}(a, {number})" for number in range(11)])
    other = written(tmp_path, "other.py", "def other(b):", *[f"    go(b, 'to {number}')" for number in range(11)])
    assert structure.pairs(tmp_path, [one, other], structure.same_lines) == []
    assert structure.pairs(tmp_path, [one, other], structure.alike_lines) == ["one.py:1 ~ other.py:1 (12 lines)"]


def test_a_knot_and_the_arrows_that_run_back_in_it_are_counted():
    calm = structure.Arrows({("p.top", "p.middle"): 3, ("p.middle", "p.base"): 2, ("p.top", "p.base"): 1})
    knotted = calm + structure.Arrows({("p.base", "p.middle"): 1})
    assert (structure.knots(calm), structure.running_back(calm)) == ([], 0)
    assert (structure.knots(knotted), structure.running_back(knotted)) == ([2], 1)
