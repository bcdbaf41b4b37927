"""How nbval compares a cell: with its fresh outputs tidied as the stored ones are, so without progress bars."""

from nbval.plugin import IPyNbCell
from refresh import tidy_outputs


def pytest_itemcollected(item):
    """Have a cell's fresh outputs tidied before nbval compares them."""
    if isinstance(item, IPyNbCell):
        compare = item.compare_outputs
        item.compare_outputs = lambda fresh, stored: compare(tidy_outputs(fresh), stored)
