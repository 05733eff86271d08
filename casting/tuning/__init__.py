"""What is learnt from pairs (drawing, actor): bridges between drawings and photos, fusion weights, calibration.

`bridge`      - carries a drawing's vector to where photos lie; a matrix product
`methods`     - ways to fit one
`calibration` - from similarities to scores from 0 to 100
`tuning`      - all of it as one file, bound to the contracts of the models
`active`      - which tuning a ranking uses, and why none
`choosing`    - cross-validation by actor: which bridge, what it gained
`fusing`      - which spaces rank together, and the weight of each
`calibrating` - fitting the calibration on drawings that nothing else was fitted on
`fitting`     - the whole of it, for packs
`manners`     - how a library's own drawings are drawn, learnt from them, for `castoon bridge learn`
`own_fit`     - the whole of it for a library's own castings, for `castoon bridge fit`
"""

from casting.tuning.bridge import Bridge
from casting.tuning.calibration import Calibration, Limit, Limits
from casting.tuning.tuning import TUNING_FILE, TunedSpace, Tuning

__all__ = ["TUNING_FILE", "Bridge", "Calibration", "Limit", "Limits", "TunedSpace", "Tuning"]
