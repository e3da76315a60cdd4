// Drawings that Python makes, in one place of the page: the browser marks what belongs
// together under the pointer, and tells Python which part was clicked.
// The markup is the dashboard's own, with every name in it escaped there.

const NOTHING = "";

function mark(root, link) {
  for (const old of root.querySelectorAll(".on")) old.classList.remove("on");
  if (link) {
    for (const part of root.querySelectorAll(`[data-link="${CSS.escape(link)}"]`)) {
      part.classList.add("on");
    }
  }
  const line = root.querySelector(".say");
  if (line) line.textContent = root.says[link] ?? root.says[NOTHING] ?? "\u00a0";
}

function choose(root, value) {
  for (const part of root.querySelectorAll("[data-choose]")) {
    part.setAttribute("aria-pressed", String(part.dataset.choose === value));
  }
}

/** Goes from one marked part to the next with the keyboard, and says it. */
function listen(root) {
  const links = Object.keys(root.says).filter((link) => link !== NOTHING);
  if (!links.length) return;
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Drawing: left and right arrow keys read its parts");
  root.at = NOTHING;
  root.onkeydown = (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.target !== root || (!(event.key in steps) && event.key !== "Escape")) return;
    const place = links.indexOf(root.at) + (steps[event.key] ?? 0);
    const next = root.at === NOTHING && event.key === "ArrowLeft" ? links.length - 1 : place;
    root.at = event.key === "Escape" ? NOTHING : links[(next + links.length) % links.length];
    event.preventDefault();
    mark(root, root.at);
  };
  root.onblur = () => {
    root.at = NOTHING;
    mark(root, NOTHING);
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".atlas-drawing");
  if (root.shown !== data.markup) {
    root.innerHTML = data.markup;
    root.shown = data.markup;
  }
  root.says = data.says;
  choose(root, data.chosen);
  mark(root, NOTHING);
  listen(root);
  const linkOf = (event) => event.target.closest?.("[data-link]")?.dataset.link ?? NOTHING;
  root.onpointerover = (event) => mark(root, linkOf(event));
  root.onpointerleave = () => mark(root, NOTHING);
  root.onclick = (event) => {
    const part = event.target.closest?.("[data-choose]");
    if (!part) return;
    choose(root, part.dataset.choose);
    setTriggerValue("chosen", part.dataset.choose);
  };
}
