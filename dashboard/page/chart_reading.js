// A chart is read by the keyboard, mark by mark, and a name that is pointed at is framed in every
// chart of the page.

const LABEL_MS = 100; // twice the least time between two of Plotly's labels

/** Frames a name in every chart of the page, and writes its sentence into the page's line. */
function link(name) {
  for (const state of charts) {
    if (state.linked === name) continue;
    state.linked = name;
    outline(state);
  }
  for (const line of document.querySelectorAll(".atlas-sentence")) {
    line.dataset.rest ??= line.textContent;
    line.textContent = sentenceOf(name) ?? line.dataset.rest;
  }
}

/** What a chart of the page has to say of a name. */
function sentenceOf(name) {
  for (const { figure } of charts) {
    const said = name === null ? undefined : figure?.layout.meta?.says?.[name];
    if (said) return said;
  }
  return undefined;
}

/** Lets the keyboard go on to the next mark that has a text, and says it. */
function move(state, key) {
  const { plot } = state;
  const traces = plot._fullData
    .map((trace, number) => ({ trace, number }))
    .filter(({ trace }) => trace.visible === true && !meta(trace).quiet && places(trace).length);
  if (!traces.length) return;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1 }[key];
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  const first = traces.find(({ trace }) => meta(trace).pick) ?? traces[0];
  if (!state.at) {
    const start = places(first.trace).find((at) => isChosen(state, first.trace, at));
    state.at = { trace: first.number, place: start ?? places(first.trace)[0] };
    return;
  }
  const trace = plot._fullData[state.at.trace];
  const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
  if (grid(trace)) {
    const [row, column] = state.at.place;
    const upside = isReversed(axesOf(plot, trace).yaxis);
    state.at.place = sideways
      ? [row, within(column + step, trace.z[0].length)]
      : [within(row + (upside ? -step : step), trace.z.length), column];
    return;
  }
  const next = state.at.place + (sideways ? step : -step);
  const count = places(trace).length;
  if (next >= 0 && next < count) {
    state.at.place = next;
    return;
  }
  const own = traces.findIndex(({ number }) => number === state.at.trace);
  const other = traces[own + Math.sign(next)] ;
  if (!other) return;
  const marks = places(other.trace);
  state.at = { trace: other.number, place: next < 0 ? marks[marks.length - 1] : marks[0] };
}

function say(state, Plotly) {
  if (!state.at) {
    Plotly.Fx.unhover(state.plot);
    state.said.textContent = "";
    return;
  }
  const { trace, place } = state.at;
  try {
    const drawn = state.plot._fullData[trace];
    Plotly.Fx.hover(state.plot, [{ curveNumber: trace, ...pointer(state.plot, drawn, place) }],
      subplotOf(drawn));
  } catch {
    // what cannot be pointed at has no label
  }
  // Plotly draws the label at once, or a moment later where keys follow fast.
  readLabel(state);
  setTimeout(() => state.at && readLabel(state), LABEL_MS);
}

function readLabel(state) {
  const label = [...state.plot.querySelectorAll(".hoverlayer .hovertext")]
    .map((one) => [...one.querySelectorAll("text")].map(lines).filter(Boolean).join(", "))
    .join("\n");
  const { trace, place } = state.at;
  const said = sentenceOf(linkOf(state.plot._fullData[trace], place)) ?? label;
  if (state.said.textContent !== said) state.said.textContent = said;
}

const lines = (text) => {
  const spans = [...text.querySelectorAll("tspan.line")];
  return spans.length ? spans.map((span) => span.textContent).join(", ") : text.textContent;
};

function press(state, event) {
  const { plot } = state;
  const Plotly = window.Plotly;
  if (!plot._fullData) return;
  if (event.key.startsWith("Arrow")) {
    move(state, event.key);
  } else if (event.key === "Enter" || event.key === " ") {
    const trace = state.at && plot._fullData[state.at.trace];
    if (trace && meta(trace).pick) state.send("picked", valueOf(trace, state.at.place));
  } else if (event.key === "Escape") {
    state.at = null;
  } else {
    return;
  }
  event.preventDefault();
  say(state, Plotly);
  link(state.at ? linkOf(plot._fullData[state.at.trace], state.at.place) : null);
  outline(state);
}
