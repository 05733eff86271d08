"""From a cast library's pictures to stored vectors: reader -> detector -> stylizer -> encoder -> writer.

Every stage is a small generator in a file of its own; `flow.ahead` lets one work on its own thread a bounded number of
steps ahead of the next; `runner.run` puts them together, reports progress, can be stopped, and skips what the store
holds already. Stylizers come in as plain functions: this package knows none.
"""

from embeddings.pipeline.progress import Progress
from embeddings.pipeline.runner import Report, run
from embeddings.pipeline.work import Lane, Source

__all__ = ["Lane", "Progress", "Report", "Source", "run"]
