"""Korean for errors about indexes, filters, spaces, vectors and rankings."""

from __future__ import annotations

WORDS: dict[str, str] = {
    # filters: index/filters.py
    "filter `{text}`": "필터 `{text}`",
    "Write conditions such as `gender=female, birth_year>=1990, tags~action, agency in (A, \"B, C\")`.":
        "조건을 이렇게 쓰세요: `gender=female, birth_year>=1990, tags~action, agency in (A, \"B, C\")`",
    "a value is missing.": "값이 없습니다.",
    "the list after `in` is not closed.": "`in` 뒤의 목록이 닫히지 않았습니다.",
    "a column was expected where `{column}` stands.": "`{column}` 자리에는 열 이름이 와야 합니다.",
    "there is no column `{column}`.": "`{column}` 열이 없습니다.",
    "a comma was expected before `{found}`.": "`{found}` 앞에 쉼표가 있어야 합니다.",
    "`{rest}` cannot be read.": "`{rest}` 부분을 읽을 수 없습니다.",
    "`{value}` after `{operator}` is not a number.": "`{operator}` 뒤의 `{value}`은(는) 숫자가 아닙니다.",
    # the index: index, casting/ranking.py, casting/explaining, casting/mapping
    "picture {number}": "그림 {number}",
    "the character has {count}.": "캐릭터 그림은 {count}장입니다.",
    "Count from 0.": "0부터 세세요.",
    "index": "인덱스",
    "index of {folder}": "{folder}의 인덱스",
    "index in {folder}": "{folder}의 인덱스",
    "index version {version}": "인덱스 버전 {version}",
    "index version {name}": "인덱스 버전 {name}",
    "space {space}": "비교 공간 {space}",
    "space {name}": "비교 공간 {name}",
    "space `{name}`": "비교 공간 `{name}`",
    "key {part!r}": "키 {part!r}",
    "it has not been built yet.": "아직 만들지 않았습니다.",
    "Run `castoon rebuild`.": "`castoon rebuild`를 실행하거나 인덱스 페이지에서 재구축하세요.",
    "the index holds vectors of contract {stored}, but the model in use has contract {current}.":
        "인덱스의 벡터는 모델 {stored}로 만들었지만 지금 쓰는 모델은 {current}입니다.",
    "Run `castoon rebuild` to embed the photos with the model in use, or set the pack used before.":
        "`castoon rebuild`로 지금 모델의 벡터를 만들거나, 전에 쓰던 모델 묶음으로 되돌리세요.",
    "Run `castoon rebuild`: it writes the index anew from the stored vectors.":
        "`castoon rebuild`를 실행하세요. 저장된 벡터로 인덱스를 새로 만듭니다.",
    "Until then, `castoon index rollback` returns to an earlier version, if that one is sound.":
        "그때까지는 `castoon index rollback`으로 정상인 이전 버전을 쓸 수 있습니다.",
    "it does not exist.": "없는 버전입니다.",
    "There are: {names}.": "있는 버전: {names}.",
    "there is no earlier version to go back to.": "되돌릴 이전 버전이 없습니다.",
    "it is damaged ({why}).": "손상되었습니다({why}).",
    "the manifest cannot be read ({why}).": "목록 파일을 읽을 수 없습니다({why}).",
    "the file is missing.": "파일이 없습니다.",
    "the file has {found} bytes instead of {size}.": "파일이 {size}바이트가 아니라 {found}바이트입니다.",
    "the file's content has changed.": "파일 내용이 바뀌었습니다.",
    "FAISS could not write it ({free} MB are free).": "FAISS가 쓰지 못했습니다(여유 공간 {free} MB).",
    "Make room on the disk and run again.": "디스크 공간을 확보하고 다시 실행하세요.",
    "the index does not hold it.": "인덱스에 없습니다.",
    "It holds {names}.": "인덱스에 있는 것: {names}.",
    "It holds: {names}.": "인덱스에 있는 것: {names}.",
    "the live index does not hold it; it holds {names}.": "현재 인덱스에 없습니다. 있는 것: {names}.",
    "Run `castoon rebuild` with this space among the settings, or choose one that it holds.":
        "설정에 이 공간을 넣고 `castoon rebuild`를 실행하거나, 인덱스에 있는 공간을 고르세요.",
    "the live index does not hold it, and words need it.": "현재 인덱스에 없어 말로 찾을 수 없습니다.",
    "Run `castoon rebuild --only-space {space}`, or add it to the settings' `spaces`.":
        "`castoon rebuild --only-space {space}`를 실행하거나 설정의 `spaces`에 넣으세요.",
    "nothing was described.": "설명이 비어 있습니다.",
    "Write something such as `long red hair, freckles`.": "`긴 빨간 머리, 주근깨`처럼 적어 보세요.",
    "it has no model that reads words.": "글을 읽는 모델이 없습니다.",
    "Use a pack with a CLIP, such as `research` (`castoon models pull research`).":
        "CLIP이 든 모델 묶음을 쓰세요. 예: `research` (`castoon models pull research`)",
    "the live index does not compare this actor.": "현재 인덱스에서 이 배우를 비교할 수 없습니다.",
    "Rebuild the index, or ask without the filter.": "인덱스를 재구축하거나 필터 없이 찾으세요.",
    "the matched photo": "일치한 사진",
    "it is not in the library any more.": "라이브러리에 더는 없습니다.",
    "it is not of the form <encoder>:<rendering>.": "<인코더>:<렌더링> 형식이 아닙니다.",
    "Try `arcface:photo`.": "예: `arcface:photo`",
    "{said}; less than {floor} is not published ({asked} measured).":
        "{said}; {floor} 미만은 게시하지 않습니다(기준 {asked}).",
    "Set `index_backend = \"auto\"` (exact search where nothing else will do) or choose another back-end.":
        "`index_backend = \"auto\"`로 두거나(필요하면 정확 검색) 다른 방식을 고르세요.",
    "a key of the index is empty or holds NUL.": "인덱스 키가 비었거나 NUL이 들어 있습니다.",
    "Give it another key.": "다른 키를 주세요.",
    "query for space {name}": "비교 공간 {name} 질의",
    "its shape is {shape}, the space holds vectors of {dim} values.":
        "형태가 {shape}인데 이 공간의 벡터는 {dim}차원입니다.",
    "Encode the query with the encoder that the index was built with.": "인덱스를 만든 인코더로 질의를 변환하세요.",
    "vector {number} has length {length:.4g} instead of 1.": "벡터 {number}의 길이가 1이 아니라 {length:.4g}입니다.",
    "Normalise it; NaN and zero are refused.": "정규화하세요. NaN과 0은 받지 않습니다.",
    "vector of {source}": "{source}의 벡터",
    "it has shape {shape}, not ({dim},).": "형태가 ({dim},)이 아니라 {shape}입니다.",
    "Rebuild it.": "다시 만드세요.",
    # rebuilding and stored vectors: casting/rebuilding, embeddings/store.py, embeddings/shelf.py
    "no photo could be embedded, so there is nothing to index.": "처리된 사진이 없어 인덱스를 만들 수 없습니다.",
    "Import photos with `castoon import SOURCE --library DIR`, and see the refusals.":
        "`castoon import SOURCE --library DIR`로 사진을 가져오고 거부된 이유를 확인하세요.",
    "It is tried again at the next rebuild; replace the photo if it keeps failing.":
        "다음 재구축 때 다시 시도합니다. 계속 실패하면 사진을 바꾸세요.",
    "looking for a face failed ({kind}: {why}).": "얼굴을 찾는 중 오류가 났습니다({kind}: {why}).",
    "it could not be embedded in {space} ({kind}: {why}).": "{space} 벡터를 만들지 못했습니다({kind}: {why}).",
    "contract {contract}": "모델 식별자 {contract}",
    "its vectors have {dim} numbers, but one with {wrong} was to be added.":
        "벡터가 {dim}차원인데 {wrong}차원 벡터를 넣으려 했습니다.",
    "Two different encoders claim one contract; verify the model pack.":
        "서로 다른 두 인코더의 식별자가 같습니다. 모델 묶음을 검증하세요.",
    "Delete this folder; the vectors are computed again from the photos.":
        "이 폴더를 지우세요. 사진에서 벡터를 다시 계산합니다.",
    "the description of stored vectors cannot be read ({why}).": "저장된 벡터의 설명을 읽을 수 없습니다({why}).",
    "vectors could not be written ({why}); none of this batch was kept.":
        "벡터를 쓰지 못했습니다({why}). 이번 묶음은 저장되지 않았습니다.",
    "Make room on the disk or give the library another folder, then run the same command again.":
        "디스크 공간을 확보하거나 라이브러리를 다른 폴더로 옮긴 뒤 같은 명령을 다시 실행하세요.",
    "vector of photo {photo}": "사진 {photo}의 벡터",
    "it is empty or not finite.": "비었거나 유한하지 않은 값이 있습니다.",
    "Embed it again.": "다시 계산하세요.",
    "another process has been writing vectors for {seconds:.0f} seconds.":
        "다른 작업이 {seconds:.0f}초째 벡터를 쓰고 있습니다.",
    "Wait for the running job, or stop it, then try again.": "실행 중인 작업을 기다리거나 중지한 뒤 다시 시도하세요.",
}  # fmt: skip
