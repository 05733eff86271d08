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
`manners`     - the same for a library's own castings, with how its drawings are drawn, for `castoon bridge fit`
"""

from casting.tuning.bridge import Bridge
from casting.tuning.calibration import Calibration
from casting.tuning.tuning import TUNING_FILE, TunedSpace, Tuning

__all__ = ["TUNING_FILE", "Bridge", "Calibration", "TunedSpace", "Tuning"]
