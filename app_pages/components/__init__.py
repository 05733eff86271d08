"""Small parts that Streamlit does not have: a picture whose faces can be clicked and corrected, and pasting.

`face_picker` - faces framed on the picture; a click picks, a drag corrects box and points
`paste`       - pictures pasted with Ctrl+V anywhere on the page

Both are plain JavaScript without a build step. What they send is checked before it is used.
"""

from app_pages.components.face_picker import Mark, face_picker
from app_pages.components.paste import pasted

__all__ = ["Mark", "face_picker", "pasted"]
