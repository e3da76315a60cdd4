// Markup of the dashboard's own making whose parts answer a click: what has `data-pick`
// gives its value, and a track's `data-columns` the column, counted from 0. Of buttons with
// `aria-pressed`, the chosen one is pressed. `pressed.js` stands before it in one script.

const shown = new WeakMap();
const LARGE = 10_000; // letters from which on laying markup out takes a frame of its own
const STILL = { preventScroll: true };

function valueOf(part, event) {
  const { pick, columns } = part.dataset;
  if (pick !== undefined) return pick;
  const box = part.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  return `${Math.min(Math.max(column, 0), columns - 1)}`;
}

/** Presses the button that is chosen, where the markup's buttons can be. */
function choose(root, value) {
  for (const part of root.querySelectorAll("[aria-pressed]")) {
    part.setAttribute("aria-pressed", String(part.dataset.pick === value));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".markup");
  if (shown.get(root) !== data.markup) {
    const isFirst = !shown.has(root);
    shown.set(root, data.markup);
    const put = () => {
      if (shown.get(root) !== data.markup) return;
      if (isHeld(root)) return void setTimeout(put, HELD);
      const at = root.getRootNode().activeElement?.dataset.pick;
      root.innerHTML = data.markup;
      choose(root, data.chosen);
      // Who goes through the parts by the keyboard stays at theirs.
      if (at !== undefined) root.querySelector(`[data-pick="${CSS.escape(at)}"]`)?.focus(STILL);
    };
    // A large figure that changes lets the 3D view have its frame first.
    if (isFirst || data.markup.length < LARGE) put();
    else requestAnimationFrame(() => setTimeout(put));
  }
  choose(root, data.chosen);
  const answer = (event) => {
    const part = event.target.closest?.("[data-pick], [data-columns]");
    if (!part) return;
    const value = valueOf(part, event);
    choose(root, value);
    setTriggerValue("picked", value);
  };
  watchPresses(root);
  root.onclick = answer;
  root.onkeydown = (event) => {
    // a button answers to the keyboard with a click of its own
    if (event.key === "Enter" && event.target.localName !== "button") answer(event);
  };
}
