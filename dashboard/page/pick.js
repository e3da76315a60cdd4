// Markup of the dashboard's own making whose parts answer a click: what has `data-pick`
// gives its value; a map's `data-cells` gives "row,column" and a track's `data-columns`
// "column", counted from 0.

const shown = new WeakMap();
const LARGE = 10_000; // letters from which on laying markup out takes a frame of its own

function placeOf(part, event, count, across) {
  const box = part.getBoundingClientRect();
  const share = across
    ? (event.clientX - box.left) / box.width
    : (event.clientY - box.top) / box.height;
  return Math.min(Math.max(Math.floor(share * count), 0), count - 1);
}

function valueOf(part, event) {
  const { pick, cells, columns } = part.dataset;
  if (pick !== undefined) return pick;
  const count = Number(cells ?? columns);
  const column = placeOf(part, event, count, true);
  return cells === undefined ? `${column}` : `${placeOf(part, event, count, false)},${column}`;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".pick");
  if (shown.get(root) !== data.markup) {
    const isFirst = !shown.has(root);
    shown.set(root, data.markup);
    const put = () => {
      if (shown.get(root) === data.markup) root.innerHTML = data.markup;
    };
    // A large figure that changes lets the 3D view have its frame first.
    if (isFirst || data.markup.length < LARGE) put();
    else requestAnimationFrame(() => setTimeout(put));
  }
  const answer = (event) => {
    const part = event.target.closest?.("[data-pick], [data-cells], [data-columns]");
    if (part) setTriggerValue("picked", valueOf(part, event));
  };
  root.onclick = answer;
  root.onkeydown = (event) => {
    if (event.key === "Enter") answer(event);
  };
}
