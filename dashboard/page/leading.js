// Markup of the dashboard's own making with links to its other pages. They are followed as Back
// is, which Streamlit answers without a new visit; a new tab or window is the browser's own.

const shown = new WeakMap();
const pressed = new WeakMap(); // when a button was last pressed there
const HELD = 50; // milliseconds after which a pressed link is looked at again
const LONGEST = 10_000; // milliseconds until a pressed button is taken for forgotten

const isHeld = (root) =>
  root.matches(":active") && performance.now() - pressed.get(root) < LONGEST;

function follow(event) {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  dispatchEvent(new PopStateEvent("popstate"));
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".leading");
  const put = () => {
    if (shown.get(root) !== data) return;
    // What is pressed stays until it is let go, or the click would be lost.
    if (isHeld(root)) setTimeout(put, HELD);
    else root.innerHTML = data;
  };
  if (shown.get(root) !== data) {
    shown.set(root, data);
    put();
  }
  root.onpointerdown = (event) => pressed.set(root, event.timeStamp);
  root.onclick = follow;
}
