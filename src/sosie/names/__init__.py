"""Names of people, replaced by names of nobody in particular: tables and notes both come here, so that they agree."""

from sosie.names.double import double
from sosie.names.lists import LANGUAGES, fold, gender, is_first_name
from sosie.names.units import Kind, Unit, units, written

__all__ = ["LANGUAGES", "Kind", "Unit", "double", "fold", "gender", "is_first_name", "units", "written"]
