"""A ranking to keep or to send: CSV for tables, one HTML file that opens anywhere, and a PDF to print.

All carry what is needed to judge them later: index version, models, weights, licences, and what the score means.

`tables`   - CSV
`page`     - one self-contained HTML file
`report`   - the PDF, laid out
`pdf`      - writing PDF: text, lines, pictures
`truetype` - the one font that ships, cut down to the letters used
`facts`    - what is known of an actor, in English and Korean, here and in the dashboard
`words`    - the reports' words in English and Korean
"""

from casting.exports import facts
from casting.exports.content import without_ending
from casting.exports.page import html_page, write_html
from casting.exports.report import pdf_report, write_pdf
from casting.exports.tables import csv_bytes, file_stem, table_bytes, write_csv
from casting.exports.words import Language, language

__all__ = [
    "Language",
    "csv_bytes",
    "facts",
    "file_stem",
    "html_page",
    "language",
    "pdf_report",
    "table_bytes",
    "without_ending",
    "write_csv",
    "write_html",
    "write_pdf",
]
