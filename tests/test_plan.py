from hypothesis import given, settings
from hypothesis import strategies as some

from runthrough.plan import STEP_S, move_border, set_section

plans = some.lists(some.integers(0, 200).map(lambda n: n * STEP_S), min_size=1, max_size=9)


@settings(deadline=None)
@given(plans, some.data(), some.floats(-100, 9000))
def test_the_total_stays(plan, data, wanted):
    index = data.draw(some.integers(0, len(plan) - 1))
    changed = set_section(plan, index, wanted, keep_total=True)
    assert abs(sum(changed) - sum(plan)) < 1e-6
    assert min(changed) >= 0


@settings(deadline=None)
@given(plans, some.data(), some.floats(0, 9000))
def test_the_total_follows(plan, data, wanted):
    index = data.draw(some.integers(0, len(plan) - 1))
    changed = set_section(plan, index, wanted, keep_total=False)
    assert changed[:index] + changed[index + 1 :] == tuple(plan[:index] + plan[index + 1 :])
    assert abs(changed[index] - wanted) <= STEP_S / 2


def test_the_others_give_way_in_proportion():
    assert set_section([100, 200, 400], 0, 250, keep_total=True) == (250, 150, 300)
    assert set_section([100, 0, 0], 0, 40, keep_total=True) == (40, 30, 30)


@settings(deadline=None)
@given(plans.filter(lambda plan: len(plan) > 1), some.data(), some.floats(-100, 9000))
def test_a_border_moves_between_its_neighbours_alone(plan, data, to):
    border = data.draw(some.integers(0, len(plan) - 2))
    moved = move_border(plan, border, to)
    assert sum(moved) == sum(plan)
    assert min(moved) >= 0
    rest = [i for i in range(len(plan)) if i not in (border, border + 1)]
    assert [moved[i] for i in rest] == [plan[i] for i in rest]
