"""Names of the stages' values, for type annotations of code that may not import the stages themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings import Face, FacePicture, Finding
    from embeddings.contract import Vectors
    from index import FaissIndex as FlatIndex
    from toonify import StyleInfo
    from toonify.parameters import Parameter

__all__ = ["Face", "FacePicture", "Finding", "FlatIndex", "Parameter", "StyleInfo", "Vectors"]
