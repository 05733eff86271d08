"""Trains the models of the bundled `lite` pack from public research data; nothing of the product imports this folder.

One command a model, each with a TOML file in `configs/`:

    python -m training.prepare             decode, align and cache the data, compute teacher vectors (once)
    python -m training.face                face encoder: distillation, then fine-tuning with drawings
    python -m training.detector            face detector with five points
    python -m training.points              the second look: exact points, and whether it is a face
    python -m training.evaluate_face       verification, drawing -> actor, per group: teacher beside student
    python -m training.evaluate_detector   found faces, precision of the points, false finds, time
    python -m training.export              checkpoints -> ONNX files, cards and pack.toml of the pack
    python -m training.drawn_manner        how the face encoder reads drawings; after `training.export face`
    python -m training.earlier             how it is read before its last layers; after `training.export face`
    python -m training.bridge              bridge, weights and calibration of the pack; after every change of its models

Every step checkpoints under `var/training/` and goes on where it stopped when it is started again. To train longer,
append a phase to the config and start again; on another machine begin from the shipped weights in `checkpoints/`
(`python -m training.face --start training/checkpoints/face.pt`).
"""
