"""What do the files of a workflow's sources say, and how are they cut into passages?"""

from leitstand.definition.sources.cutting import READERS, cut, matching

__all__ = ["READERS", "cut", "matching"]
