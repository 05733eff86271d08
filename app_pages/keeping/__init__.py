"""The parts of the page of characters and shortlists.

`characters` - saved characters: pictures, faces, production, synopsis
`shortlists` - actors under consideration, with status and note
`history`    - kept rankings, run again on today's index and compared
"""
