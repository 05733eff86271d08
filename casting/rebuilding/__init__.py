"""The rebuild job: finds what is missing or changed, computes only that, and publishes a new index version.

Vectors are kept by photo, face, rendering and contract, so a stopped or killed rebuild loses at most one batch, and the
next one goes on where it was. The live version answers until the new one has been written, verified and switched to.

`job`       - the job from lock to publication, and its report
`scan`      - what belongs into the index, compared with what the live version holds
`embedding` - photos that lack a face or vectors, through `embeddings.pipeline`; one that fails stops no other
`signals`   - SIGTERM and SIGINT as a wish to stop
"""

from casting.rebuilding.job import RebuildReport, rebuild
from casting.rebuilding.scan import index_facts, owner_key

__all__ = ["RebuildReport", "index_facts", "owner_key", "rebuild"]
