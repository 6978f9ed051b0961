"""More orders at once than there are places or money for."""

import concurrent.futures

import runwayml

import support

PLACES = 3
"""MaxInFlight of the stack that these tests need."""


def test_fifty_orders_should_all_end_and_never_take_more_than_their_places(provider):
    # given a tenant of its own, so that its tasks can be told from those of tests beside this one
    tenant = support.new_tenant("py-fifty", inflight=PLACES)
    with support.sdk(tenant.token) as client:
        footage = support.uploaded(client)
        seeds = [support.new_seed() for _ in range(50)]
        for seed in seeds:
            provider.fault(seed, "task", "render", seconds=0.5)

        # when they come ten at a time
        with concurrent.futures.ThreadPoolExecutor(10) as people:
            ids = list(people.map(lambda seed: support.create(client, footage.body(seed=seed)).id, seeds))

        # then
        assert len(set(ids)) == 50
        with support.http(tenant.token) as http:

            def counts():
                listed = http.get("/tasks?limit=100").json()["data"]
                return len(listed) == 50 and all(task["status"] in ("SUCCEEDED", "FAILED") for task in listed) and listed

            listed = support.eventually("all fifty have ended", counts, patience=330, every=3)
        assert {task["status"] for task in listed} == {"SUCCEEDED"}
        rendered = provider.tasks_of(*ids)
        assert len(rendered) == 50 and support.most_at_once(rendered) <= PLACES
        assert provider.charges_of(*ids) == 50
        used = support.usage(tenant.token)
        assert (used["chargedUsd"], used["reservedUsd"], used["unknownUsd"]) == (20.0, 0, 0)
        assert used["places"] == {"inFlight": 0, "waiting": 0, "maxInFlight": PLACES}


def test_cap_should_never_be_passed_in_the_middle_of_a_burst(provider):
    # given money for four
    tenant = support.new_tenant("py-cap", cap="1.99")
    with support.sdk(tenant.token) as client:
        footage = support.uploaded(client)

        def order(seed: int):
            try:
                return support.create(client, footage.body(seed=seed)).id
            except runwayml.APIStatusError as refused:
                return refused

        # when ten come at once
        with concurrent.futures.ThreadPoolExecutor(10) as people:
            answers = list(people.map(order, [support.new_seed() for _ in range(10)]))

        # then
        ids = [answer for answer in answers if isinstance(answer, str)]
        refused = [answer for answer in answers if not isinstance(answer, str)]
        assert len(ids) == 4 and {error.status_code for error in refused} == {402}
        assert all(support.ended(client, id)["status"] == "SUCCEEDED" for id in ids)
        assert provider.charges_of(*ids) == 4
        used = support.usage(tenant.token)
        assert (used["chargedUsd"], used["reservedUsd"], used["remainingUsd"]) == (1.60, 0, 0.39)
        # and an order that was taken is answered again, cap or not
        with support.http(tenant.token) as http:
            assert len(http.get("/tasks?limit=100").json()["data"]) == 4
