"""Korean for errors about model packs and their files."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "model pack {pack}": "모델 묶음 {pack}",
    "model pack {text}": "모델 묶음 {text}",
    "pack.toml of {pack}": "{pack}의 pack.toml",
    "encoder `{name}`": "인코더 `{name}`",
    "CLIP {thing}": "CLIP 모델 {thing}",
    "batch": "묶음",
    "device cuda": "장치 cuda",
    "it does not read words.": "글을 읽지 못하는 모델입니다.",
    "Choose a CLIP.": "CLIP을 고르세요.",
    "the model pack `{pack}` does not have it.": "모델 묶음 `{pack}`에 없습니다.",
    "It has: {names}. Choose spaces of these, or another pack.":
        "있는 것: {names}. 이 중에서 고르거나 다른 모델 묶음을 쓰세요.",
    "it has no model that makes vectors.": "벡터를 만드는 모델이 없습니다.",
    "Verify it: `castoon models verify`.": "검증하세요: `castoon models verify`",
    "it has no face recognition model.": "얼굴 인식 모델이 없습니다.",
    "it has no face detector.": "얼굴 검출 모델이 없습니다.",
    "Choose another pack.": "다른 모델 묶음을 고르세요.",
    "Choose another detector.": "다른 검출 모델을 고르세요.",
    "Choose a pack with SCRFD *_kps.": "SCRFD *_kps가 든 모델 묶음을 고르세요.",
    "Name a complete insightface pack.": "완전한 insightface 모델 묶음을 지정하세요.",
    "Name the face recognition model instead.": "얼굴 인식 모델을 지정하세요.",
    "Name another file in the role `points`, or none.": "`points` 역할에 다른 파일을 지정하거나 비워 두세요.",
    "[{role}] cannot be read ({why}).": "[{role}] 항목을 읽을 수 없습니다({why}).",
    "[detection] cannot be read ({why}).": "[detection] 항목을 읽을 수 없습니다({why}).",
    "the description cannot be read ({why}).": "설명 파일을 읽을 수 없습니다({why}).",
    "Pull the pack again.": "모델 묶음을 다시 내려받으세요.",
    "Pull the pack again, or mend the file.": "모델 묶음을 다시 내려받거나 파일을 고치세요.",
    "Mend it, or pull the pack again.": "고치거나 모델 묶음을 다시 내려받으세요.",
    "Pull the model pack, or name the right file.": "모델 묶음을 내려받거나 올바른 파일을 지정하세요.",
    "it does not turn a square face crop into one vector (input {shape}).":
        "정사각형 얼굴을 벡터 하나로 바꾸는 모델이 아닙니다(입력 {shape}).",
    "it does not turn square crops into five points and a confidence (outputs {shapes}).":
        "정사각형 얼굴에서 다섯 점과 신뢰도를 내는 모델이 아닙니다(출력 {shapes}).",
    "its pictures differ in size ({shape}).": "그림 크기가 서로 다릅니다({shape}).",
    "Crop them alike.": "같은 크기로 자르세요.",
    "its detector gives no five points.": "검출 모델이 다섯 점을 주지 않습니다.",
    "this is not YuNet: it has no output {output}.": "YuNet이 아닙니다. {output} 출력이 없습니다.",
    "no weights file is named, and downloading was not asked for.":
        "가중치 파일이 없고 내려받기도 요청하지 않았습니다.",
    "Name a weights file, pull a pack that has one, or allow the download.":
        "가중치 파일을 지정하거나, 그 파일이 든 모델 묶음을 내려받거나, 내려받기를 허용하세요.",
    "this is no open_clip architecture.": "open_clip 구조 파일이 아닙니다.",
    "It needs embed_dim, vision_cfg and text_cfg.": "embed_dim, vision_cfg, text_cfg가 필요합니다.",
    "Check that weights and architecture belong together; without network, name a local weights file.":
        "가중치와 구조가 서로 맞는지 확인하세요. 인터넷이 없으면 로컬 가중치 파일을 지정하세요.",
    "open_clip cannot load it ({first}).": "open_clip이 불러오지 못했습니다({first}).",
    "it is not installed.": "설치되어 있지 않습니다.",
    "there is no such folder.": "그런 폴더가 없습니다.",
    "the folder has neither a pack.toml nor ONNX files.": "폴더에 pack.toml도 ONNX 파일도 없습니다.",
    "Check the path; `castoon models list` shows the packs that are installed.":
        "경로를 확인하세요. 설치된 모델 묶음은 `castoon models list`로 볼 수 있습니다.",
    "Run `castoon models pull {text}`, or name the folder of an insightface pack.":
        "`castoon models pull {text}`를 실행하거나 insightface 모델 폴더를 지정하세요.",
    "Name the folder of an insightface pack, or run `castoon models pull research`.":
        "insightface 모델 폴더를 지정하거나 `castoon models pull research`를 실행하세요.",
    "the model file is missing.": "모델 파일이 없습니다.",
    "the model folder is missing.": "모델 폴더가 없습니다.",
    "Run `castoon models verify`: it says how to mend it.":
        "`castoon models verify`를 실행하면 고치는 방법이 나옵니다.",
    "Run `castoon models verify`: it says which files differ and how to mend them.":
        "`castoon models verify`를 실행하면 다른 파일과 고치는 방법이 나옵니다.",
    "Run `castoon models list` to see the packs.": "`castoon models list`로 모델 묶음을 확인하세요.",
    "this is not an ONNX model that can be opened ({first}).": "열 수 있는 ONNX 모델이 아닙니다({first}).",
    "how drawings are to be read cannot be opened ({why}).": "그림을 읽는 방식 파일을 열 수 없습니다({why}).",
    "A pack's: `castoon models verify`. A library's own: `castoon bridge drop`, then learn it again.":
        "모델 묶음의 파일이면 `castoon models verify`, 라이브러리의 파일이면 `castoon bridge drop` 뒤에 다시 익히세요.",
    "the manner of drawings beside it was found for another network.":
        "함께 있는 그림 읽기 방식이 다른 모델에 맞춘 것입니다.",
    "the manner of drawings names {count} layers that it does not have.":
        "그림 읽기 방식에 이 모델에 없는 층이 {count}개 있습니다.",
    "Pull the pack again, or find the manner anew for this network.":
        "모델 묶음을 다시 내려받거나 이 모델에 맞춰 그림체를 다시 익히세요.",
    "what is to be read before a network's last layers cannot be opened ({why}).":
        "신경망의 마지막 층 앞에서 읽을 것을 적은 파일을 열 수 없습니다({why}).",
    "what is read before its last layers was found for another network.":
        "마지막 층 앞에서 읽는 방식이 다른 모델에 맞춘 것입니다.",
    "`{tensor}` is no square map (shape {shape}).": "`{tensor}`의 출력은 정사각형 지도가 아닙니다(모양 {shape}).",
    "Name a layer before the vector, such as the last sum of a block.":
        "벡터가 되기 전의 층, 예를 들어 마지막 블록의 합을 지정하세요.",
    "it has no layer `{tensor}`.": "`{tensor}` 층이 없습니다.",
    "Look the names up in the file.": "모델 파일에서 층 이름을 확인하세요.",
    "{count} photos": "사진 {count}장",
    "none of them shows a person whom another shows too.": "같은 사람을 찍은 사진이 두 장 이상 없습니다.",
    "it has no block that ends in a sum.": "합으로 끝나는 블록이 없습니다.",
    "Name the layer that is to be read.": "읽을 층을 지정하세요.",
    "it has no pack.toml that names a face network, so nothing can be kept beside one.":
        "얼굴 신경망을 적은 pack.toml이 없어 그 옆에 아무것도 둘 수 없습니다.",
    "Describe its files in a pack.toml, as packs that were pulled are.":
        "내려받은 모델 묶음처럼 파일들을 pack.toml에 적어 두세요.",
    "{photos} faces of {people} people with several photos are too few.":
        "사진이 여러 장인 사람이 {people}명, 얼굴이 {photos}개뿐이라 너무 적습니다.",
    "Give a sub-folder of photos for each of {people} people or more, {photos} photos in all.":
        "{people}명 이상을 사람마다 하위 폴더로 나누어, 모두 {photos}장 이상의 사진을 주세요.",
    "Name the folder that holds a sub-folder a person.": "사람마다 하위 폴더가 있는 폴더를 지정하세요.",
    "Give several photos of each person.": "사람마다 사진을 여러 장 주세요.",
    "PyTorch finds no CUDA device.": "PyTorch가 CUDA 장치를 찾지 못했습니다.",
    "Choose `cpu` or `auto`.": "`cpu`나 `auto`를 고르세요.",
}  # fmt: skip
