// One Plotly figure of a page. Python sends the figure as JSON and says what a trace answers to
// (`meta`, see chart.py); a figure that changes is drawn anew in its place, with the zoom and the
// legend as the visitor left them. `pressed.js`, `chart_marks.js`, `chart_reading.js` and
// `chart_drawing.js` stand before it in one script.

const states = new WeakMap();
const charts = new Set();
const left = new Map(); // drawings of pages that were left, by their figure, oldest first
const MOST_LEFT = 32;

/** A chart's drawing: begun anew, or as it was when its page was left. */
function create(parentElement, figure) {
  const box = parentElement.querySelector(".atlas-chart");
  const state = left.get(figure) ?? begin();
  left.delete(figure);
  Object.assign(state, { box, room: 0, linked: null, at: null, gone: false });
  state.said.textContent = "";
  box.replaceChildren(state.plot, state.marks, state.said);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.addEventListener("keydown", (event) => press(state, event));
  watchPresses(box);
  box.addEventListener("blur", () => {
    if (!state.at) return;
    state.at = null;
    say(state, window.Plotly);
    link(null);
    outline(state);
  });
  // It looks once the page is laid out, before that is painted: at a drawing from before, too.
  state.watcher = new ResizeObserver(() => {
    if (!box.clientWidth) return;
    state.room = box.clientWidth;
    if (!state.width || widthOf(state) === state.width) return;
    box.dataset.state = "drawing";
    drawSoon(state);
  });
  state.watcher.observe(box);
  state.looker = new IntersectionObserver((seen) => {
    state.inSight = seen[seen.length - 1].isIntersecting;
  });
  state.looker.observe(box);
  charts.add(state);
  return state;
}

function begin() {
  const state = {
    plot: document.createElement("div"),
    marks: document.createElementNS(SVG, "svg"),
    said: document.createElement("div"),
  };
  state.plot.setAttribute("role", "img");
  state.marks.setAttribute("class", "marks");
  state.marks.setAttribute("aria-hidden", "true");
  state.said.className = "said";
  state.said.setAttribute("role", "status");
  return state;
}

/** Keeps the drawing of a page that is left: the way back to it draws nothing anew. */
function keep(state) {
  const { figure } = state.data;
  if (state.box.dataset.state !== "drawn" || left.has(figure)) {
    window.Plotly?.purge(state.plot);
    return;
  }
  window.Plotly.Fx.unhover(state.plot);
  left.set(figure, state);
  if (left.size <= MOST_LEFT) return;
  const [oldest] = left.keys();
  window.Plotly.purge(left.get(oldest).plot);
  left.delete(oldest);
}

/** Reads what a chart is given: all but its figure as JSON on a line of its own, and that below. */
function readGiven(bytes) {
  const end = bytes.indexOf(10);
  const read = (part) => new TextDecoder().decode(part);
  return { ...JSON.parse(read(bytes.subarray(0, end))), figure: read(bytes.subarray(end + 1)) };
}

function listen(state) {
  const { plot } = state;
  plot.on("plotly_click", ({ points }) => {
    const point = points.find((one) => meta(one.fullData).pick);
    if (point) state.send("picked", valueOf(point.fullData, placeOf(point)));
  });
  plot.on("plotly_hover", ({ points }) => {
    const point = points.find((one) => meta(one.fullData).link);
    if (point) link(linkOf(point.fullData, placeOf(point)));
  });
  plot.on("plotly_unhover", () => link(null));
  for (const event of ["plotly_afterplot", "plotly_relayout", "plotly_relayouting", "plotly_restyle"]) {
    plot.on(event, () => outline(state));
  }
}

export default function ({ data: bytes, parentElement, setTriggerValue }) {
  const data = readGiven(bytes);
  let state = states.get(parentElement);
  const begins = !state;
  if (begins) {
    state = create(parentElement, data.figure);
    states.set(parentElement, state);
  }
  state.send = setTriggerValue;
  const changed = state.data?.figure !== data.figure;
  state.data = data;
  state.plot.setAttribute("aria-label", data.alt);
  if (changed) state.figure = JSON.parse(data.figure);
  if (begins || changed) {
    const picks = state.figure.data.some((trace) => meta(trace).pick);
    state.box.setAttribute("aria-label",
      `Figure: arrow keys read its marks${picks ? ", Enter opens one" : ""}`);
    state.box.style.minHeight ||= `${state.figure.layout.height}px`;
  }
  if (changed) {
    state.box.dataset.state = "drawing";
    drawSoon(state);
  } else {
    if (begins) state.box.dataset.state = "drawn";
    outline(state);
  }
  return () => {
    state.gone = true;
    state.watcher.disconnect();
    state.looker.disconnect();
    waiting.delete(state);
    charts.delete(state);
    states.delete(parentElement);
    keep(state);
  };
}
