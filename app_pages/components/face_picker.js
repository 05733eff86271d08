// Frames on a picture. All coordinates are shares of the picture's width and height, so that any size on screen fits.

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const stage = parentElement.querySelector(".stage")
  stage.replaceChildren()
  const image = document.createElement("img")
  image.alt = data.words.picture
  stage.append(image)
  const layer = document.createElement("div")
  stage.append(layer)

  // The picture may be letterboxed inside its element: frames lie on what is seen of it.
  const seen = () => {
    const width = image.clientWidth
    const height = image.clientHeight
    const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight) || 1
    const shown = { width: image.naturalWidth * scale, height: image.naturalHeight * scale }
    return { ...shown, left: (width - shown.width) / 2, top: (height - shown.height) / 2 }
  }
  const place = (element, [x1, y1, x2, y2]) => {
    const area = seen()
    element.style.left = `${area.left + x1 * area.width}px`
    element.style.top = `${area.top + y1 * area.height}px`
    if (x2 !== undefined) {
      element.style.width = `${(x2 - x1) * area.width}px`
      element.style.height = `${(y2 - y1) * area.height}px`
    }
  }

  const pickable = () => {
    data.faces.forEach((box, number) => {
      const frame = document.createElement("button")
      frame.type = "button"
      frame.className = number === data.chosen ? "face chosen" : "face"
      frame.title = `${data.words.face} ${number + 1}`
      frame.setAttribute("aria-label", frame.title)
      frame.setAttribute("aria-pressed", String(number === data.chosen))
      if (data.faces.length > 1) {
        const label = document.createElement("span")
        label.className = "number"
        label.textContent = String(number + 1)
        frame.append(label)
      }
      frame.onclick = () => setTriggerValue("picked", number)
      layer.append(frame)
      place(frame, box)
    })
  }

  const adjustable = () => {
    const box = [...data.box]
    const points = data.points.map((point) => [...point])
    const frame = document.createElement("div")
    frame.className = "box"
    frame.tabIndex = 0
    frame.setAttribute("role", "group")
    frame.setAttribute("aria-label", data.words.adjust)
    const handles = []
    const handle = (kind, title) => {
      const element = document.createElement("button")
      element.type = "button"
      element.className = `handle ${kind}`
      element.title = title
      element.setAttribute("aria-label", title)
      handles.push(element)
      return element
    }
    const corners = [[0, 1], [2, 1], [0, 3], [2, 3]].map(([x, y]) => ({ x, y, element: handle("corner", data.words.corner) }))
    const dots = points.map((_, number) => handle("point", data.words.points[number]))
    layer.append(frame, ...handles)

    const draw = () => {
      place(frame, box)
      corners.forEach(({ x, y, element }) => place(element, [box[x], box[y]]))
      dots.forEach((element, number) => place(element, points[number]))
    }
    const send = () => setStateValue("mark", { box, points })
    const reshape = (next) => {
      const [x1, y1, x2, y2] = box
      points.forEach((point) => {
        point[0] = next[0] + ((point[0] - x1) / (x2 - x1)) * (next[2] - next[0])
        point[1] = next[1] + ((point[1] - y1) / (y2 - y1)) * (next[3] - next[1])
      })
      box.splice(0, 4, ...next)
      draw()
    }
    const shift = (dx, dy) => {
      const x = clamp(dx, -box[0], 1 - box[2])
      const y = clamp(dy, -box[1], 1 - box[3])
      reshape([box[0] + x, box[1] + y, box[2] + x, box[3] + y])
    }
    const least = 0.02
    const stretch = (x, y, dx, dy) => {
      const next = [...box]
      next[x] = x === 0 ? clamp(box[0] + dx, 0, box[2] - least) : clamp(box[2] + dx, box[0] + least, 1)
      next[y] = y === 1 ? clamp(box[1] + dy, 0, box[3] - least) : clamp(box[3] + dy, box[1] + least, 1)
      reshape(next)
    }
    const move = (number, dx, dy) => {
      points[number][0] = clamp(points[number][0] + dx, 0, 1)
      points[number][1] = clamp(points[number][1] + dy, 0, 1)
      draw()
    }
    const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const draggable = (element, by) => {
      element.onpointerdown = (event) => {
        event.preventDefault()
        event.stopPropagation()
        element.focus()
        element.setPointerCapture(event.pointerId)
        let [x, y] = [event.clientX, event.clientY]
        element.onpointermove = (moved) => {
          const area = seen()
          by((moved.clientX - x) / area.width, (moved.clientY - y) / area.height)
          ;[x, y] = [moved.clientX, moved.clientY]
        }
        element.onpointerup = element.onpointercancel = () => {
          element.onpointermove = element.onpointerup = element.onpointercancel = null
          send()
        }
      }
      element.onkeydown = (event) => {
        const step = KEYS[event.key]
        if (!step) return
        event.preventDefault()
        event.stopPropagation()
        const size = event.shiftKey ? 0.03 : 0.006
        by(step[0] * size, step[1] * size)
        clearTimeout(element.waiting)
        element.waiting = setTimeout(send, 500)
      }
    }
    draggable(frame, shift)
    corners.forEach(({ x, y, element }) => draggable(element, (dx, dy) => stretch(x, y, dx, dy)))
    dots.forEach((element, number) => draggable(element, (dx, dy) => move(number, dx, dy)))
    draw()
    return draw
  }

  let redraw = () => {}
  const build = () => {
    layer.replaceChildren()
    if (data.box) redraw = adjustable()
    else {
      pickable()
      redraw = () => [...layer.children].forEach((frame, number) => place(frame, data.faces[number]))
    }
  }
  image.onload = build
  image.src = data.picture
  const watcher = new ResizeObserver(() => image.naturalWidth && redraw())
  watcher.observe(stage)
  return () => watcher.disconnect()
}
