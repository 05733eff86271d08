// Sends a pasted picture once, as a data URL; text that is pasted into fields is left alone.
export default function ({ data, setTriggerValue }) {
  const listen = (event) => {
    const item = [...(event.clipboardData?.items ?? [])].find((one) => one.kind === "file" && one.type.startsWith("image/"))
    const file = item?.getAsFile()
    if (!file || file.size > data.most) return
    event.preventDefault()
    const reader = new FileReader()
    reader.onload = () => setTriggerValue("picture", reader.result)
    reader.readAsDataURL(file)
  }
  document.addEventListener("paste", listen)
  return () => document.removeEventListener("paste", listen)
}
