"""Why an actor stands where they stand: spaces, photo, margin, parts of the face, heat maps, style, warnings.

`explain`     - `explain(library, engine, face_picture, actor_id)`
`explanation` - what it answers, and heat maps laid over the faces
`occlusion`   - hiding places and looking again
`parts`       - where eyes, brows, nose, mouth, jaw and hair are
"""

from casting.explaining.explain import explain
from casting.explaining.explanation import Explanation, PartShare, SpaceShare, StyleChange, overlay

__all__ = ["Explanation", "PartShare", "SpaceShare", "StyleChange", "explain", "overlay"]
