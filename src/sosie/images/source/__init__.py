"""Images in their own formats: DICOM, NIfTI, pictures; files, folders and archives of them.

What is read is never trusted: what is damaged, or no image, is a `Problem` and the reading goes on.
"""

from sosie.images.source.dicom import parse, trailing, write
from sosie.images.source.item import Item, Kind
from sosie.images.source.series import gathered
from sosie.images.source.walk import compressed, plain, recognises, walk

__all__ = ["Item", "Kind", "compressed", "gathered", "parse", "plain", "recognises", "trailing", "walk", "write"]
