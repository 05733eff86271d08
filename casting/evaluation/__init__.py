"""How often the right actor comes first, and whether that can be trusted.

`truth`      - known answers: drawings and their actors, from a CSV or folders
`queries`    - those drawings as vectors, kept for the next evaluation
`metrics`    - recall, reciprocal rank, verification; intervals over actors, paired comparisons
`trials`     - one way of ranking, applied to all drawings at once
`ablation`   - many ways side by side: spaces, bridges, fusions, aggregations, styles
`casts`      - the same drawings among other casts, smaller or of known people only; `lots` draws them
`checking`   - whether scores mean what they say, and "no good match" is said when it should be
`groups`     - gaps between groups, and exposure in the top ten
`report`     - what was measured, as values, tables and JSON
`plots`      - drawings of it as SVG
`page`       - one self-contained HTML file
`evaluating` - the whole of it
"""

from __future__ import annotations

from casting.evaluation.evaluating import evaluate
from casting.evaluation.metrics import Metric
from casting.evaluation.report import EvaluationReport
from casting.evaluation.truth import Truth, read_truth

__all__ = ["EvaluationReport", "Metric", "Truth", "evaluate", "read_truth"]
