"""The block of each row: its local day, or a seeded share of the rows."""

import numpy as np

from mooring.data.blocks import day_blocks, row_blocks


def test_blocks_in_time_are_local_days():
    times = np.array(["2013-07-01T03:59", "2013-07-01T04:00"], dtype="datetime64[us]")
    assert day_blocks(times, "America/New_York").tolist() == ["2013-06-30", "2013-07-01"]


def test_blocks_of_rows_have_equal_sizes_and_depend_on_the_seed():
    blocks = row_blocks(47, 5, seed=13)
    names, sizes = np.unique(blocks, return_counts=True)
    assert names.tolist() == [f"block-00{number}" for number in range(5)]
    assert sorted(sizes.tolist()) == [9, 9, 9, 10, 10]
    assert blocks.tolist() == row_blocks(47, 5, seed=13).tolist()
    assert blocks.tolist() != row_blocks(47, 5, seed=14).tolist()
