"""A made-up authority to learn and test with: ``write_sample`` writes its data folder, ``copy_starter`` the rest.

Nothing here describes a real child, carer or home. Counts are calibrated on published statistics (``targets.csv``).
"""

from sufficiency.sample.starter import copy_starter
from sufficiency.sample.write import write_sample

__all__ = ["copy_starter", "write_sample"]
