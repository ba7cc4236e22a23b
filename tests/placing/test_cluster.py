"""A run on a cluster of two workers, each a process of its own, gives the same bytes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from sufficiency.outlook import Outlook, run
from sufficiency.placing import Stays
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario


def test_two_workers_of_a_cluster_give_the_same_stays(
    sample_records: Records, small_plan: Scenario, small_outlook: Outlook
) -> None:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        assert len(client.scheduler_info()["workers"]) == 2
        finished: list[int] = []
        other = run(sample_records, small_plan, executor=client.get_executor(), progress=finished.append)
    assert sum(finished) == small_plan.horizon.paths
    for field in fields(Stays):
        first, second = getattr(small_outlook.stays, field.name), getattr(other.stays, field.name)
        assert np.array_equal(first, second, equal_nan=first.dtype.kind == "f"), field.name
