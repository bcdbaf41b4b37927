"""What nbval does not do: tidy fresh outputs as the stored ones are, and hold refusals to their meaning."""

from nbval.plugin import IPyNbCell
from refresh import tidy_outputs
from refusals import fault


def pytest_itemcollected(item):
    """Have a cell's fresh outputs tidied before nbval compares them, and its refusal looked at afterwards."""
    if isinstance(item, IPyNbCell):
        compare, run = item.compare_outputs, item.runtest
        item.compare_outputs = lambda fresh, stored: compare(tidy_outputs(fresh), stored)
        item.runtest = lambda: (run(), refuse(item))


def refuse(item):
    """Fail the cell where it refuses in words, or in a way, that the tests cannot hold it to."""
    if found := fault(item.cell, item.test_outputs):
        item.raise_cell_error(found)
