"""What is every number: its name, label, unit, bounds, default and meaning?"""

from roi_xl.quantities import cash_flow, choices, costs, inputs, ranges, results
from roi_xl.quantities.cash_flow import *
from roi_xl.quantities.choices import *
from roi_xl.quantities.costs import *
from roi_xl.quantities.inputs import *
from roi_xl.quantities.quantity import *
from roi_xl.quantities.quantity import Quantity
from roi_xl.quantities.ranges import *
from roi_xl.quantities.results import *
from roi_xl.quantities.units import *

QUANTITIES = {
    quantity.name: quantity
    for subject in (inputs, costs, results, cash_flow, choices, ranges)
    for quantity in vars(subject).values()
    if isinstance(quantity, Quantity)
}
"""Every quantity by its name."""
