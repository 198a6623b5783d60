"""Any process answers any request: the whole SOP behind a real nginx that sends each request to the next process."""

from collections import Counter

from tests.machines.two_machines import TwoMachines
from tests.machines.visitor import Visitor
from tests.machines.walk import walk
from tests.servers.reverse_proxy import reverse_proxy


def test_the_whole_sop_is_walked_by_requests_that_two_processes_answer_in_turn(machines: TwoMachines) -> None:
    with reverse_proxy("nginx", machines.upstreams) as proxy:

        def visitor() -> Visitor:
            return Visitor(f"https://localhost:{proxy.port}", trust=proxy.trust, source="127.0.0.9")

        operator = walk(visitor, lambda post: machines.signed_in(visitor(), post))
        answered = Counter(proxy.upstreams)
    assert set(answered) == set(machines.upstreams)
    assert abs(answered[machines.upstreams[0]] - answered[machines.upstreams[1]]) <= 1
    assert operator.browser.status == 200
