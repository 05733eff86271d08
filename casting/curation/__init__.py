"""Keeping a cast library in order: what people correct, add, take out, and are asked about.

`records`  - actors and photos as lists show them: searched, filtered, sorted
`editing`  - facts, names, rights of photos; photos moved and removed; two records of one person merged
`adding`   - pictures, ZIPs and tables handed over in memory, imported by the same rules as `castoon import`
`likeness` - a hash of a picture that survives resizing, recompression and mirroring
`findings` - what may be wrong with a library, and what people said of it
`review`   - looking for duplicates, photos of somebody else, and one person recorded twice
`pending`  - how far the live index is behind the catalog
"""

from casting.curation.adding import Upload, add_photos
from casting.curation.editing import (
    edit_actor,
    merge_actors,
    move_photos,
    remove_photos,
    rename_actor,
    set_rights,
)
from casting.curation.findings import Duplicate, Findings, SamePerson, SomebodyElse, dismiss
from casting.curation.pending import Pending, pending
from casting.curation.records import ActorRecord, PhotoRecord, actor_records, photo_records
from casting.curation.review import review

__all__ = [
    "ActorRecord",
    "Duplicate",
    "Findings",
    "Pending",
    "PhotoRecord",
    "SamePerson",
    "SomebodyElse",
    "Upload",
    "actor_records",
    "add_photos",
    "dismiss",
    "edit_actor",
    "merge_actors",
    "move_photos",
    "pending",
    "photo_records",
    "remove_photos",
    "rename_actor",
    "review",
    "set_rights",
]
