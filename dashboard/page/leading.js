// Markup of the dashboard's own making with links to its other pages. They are followed as Back
// is, which Streamlit answers without a new visit; a new tab or window is the browser's own.
// `pressed.js` stands before it in one script.

const shown = new WeakMap();

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
    if (isHeld(root)) setTimeout(put, HELD);
    else root.innerHTML = data;
  };
  if (shown.get(root) !== data) {
    shown.set(root, data);
    put();
  }
  watchPresses(root);
  root.onclick = follow;
}
