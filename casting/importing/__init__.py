"""Importing a cast library: `import_cast(library, source, finder)`.

`sources`  - a folder with one sub-folder an actor, a CSV, or a ZIP of either, as a stream of photos
`files`    - reading from folders and archives without ever leaving them
`facts`    - the columns of a cast table, their types and limits
`importer` - judging each photo alone and keeping the good ones durably
`report`   - what came in, and what was refused, why, and what to do
"""

from casting.importing.importer import import_cast
from casting.importing.report import ImportReport

__all__ = ["ImportReport", "import_cast"]
