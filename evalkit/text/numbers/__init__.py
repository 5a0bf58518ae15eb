"""Numbers as people and models write them, read exactly: 1,234.5, 3½, 2 × 10⁸, 1億2,000万, 三千五百, minus five."""

from __future__ import annotations

from evalkit.text.numbers.equal import is_same as is_same
from evalkit.text.numbers.quantity import Kind as Kind
from evalkit.text.numbers.quantity import Quantity as Quantity
from evalkit.text.numbers.quantity import spell as spell
from evalkit.text.numbers.scan import find_quantities as find_quantities
from evalkit.text.numbers.stated import Take as Take
from evalkit.text.numbers.stated import list_numbers as list_numbers
from evalkit.text.numbers.stated import read_quantity as read_quantity
