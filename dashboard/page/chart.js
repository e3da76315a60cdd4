// One Plotly figure of a page. Python sends the figure as JSON and says what a trace answers to
// (`meta`, see chart.py); a figure that changes is drawn anew in its place, with the zoom and the
// legend as the visitor left them. Frames around marks lie in a layer of their own above the
// drawing, so that to point at a mark draws nothing anew.

const states = new WeakMap();
const charts = new Set();
const left = new Map(); // drawings of pages that were left, by their figure, oldest first
const MOST_LEFT = 32;
const LABEL_MS = 100; // twice the least time between two of Plotly's labels
const SVG = "http://www.w3.org/2000/svg";

/** Loads Plotly once for the whole page. */
function load(url) {
  if (window.Plotly?.react) return Promise.resolve(window.Plotly);
  window.atlasPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.atlasPlotly = undefined;
      script.remove();
      reject(new Error("no Plotly"));
    };
    document.head.append(script);
  });
  return window.atlasPlotly;
}

const meta = (trace) => trace?.meta ?? {};
const grid = (trace) => trace.type === "heatmap";
const nameOf = (value) => (Array.isArray(value) ? value[0] : value);

/** The name of a mark, as its trace's customdata gives it. */
function named(trace, at) {
  const data = trace.customdata;
  if (!data) return undefined;
  return nameOf(grid(trace) ? data[at[0]]?.[at[1]] : data[at]);
}

/** The places of a trace's marks in reading order; a cell's is its row and column. */
function places(trace) {
  if (!grid(trace)) return Array.from(trace.x ?? trace.y ?? [], (_, at) => at);
  const found = [];
  trace.z.forEach((row, i) => row.forEach((_, j) => found.push([i, j])));
  return found;
}

const coordinate = (values, at) => (values ? values[at] : at);

/** What Python is told about a mark. */
function valueOf(trace, at) {
  const name = named(trace, at);
  if (typeof name === "string") return name;
  return grid(trace)
    ? [coordinate(trace.y, at[0]), coordinate(trace.x, at[1])]
    : [trace.y[at], trace.x[at]];
}

const isChosen = (state, trace, at) =>
  state.data.chosen.some((one) => same(valueOf(trace, at), one));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Where a mark stands, in pixels of the chart; null where it is out of sight. */
function frameOf(plot, trace, at) {
  const { xaxis, yaxis } = axesOf(plot, trace);
  if (!xaxis || !yaxis || trace.visible !== true) return null;
  const span = (axis, values, place) => {
    const value = axis.d2c(coordinate(values, place));
    const half = 0.5;
    return [axis.c2p(value - half), axis.c2p(value + half)].sort((a, b) => a - b);
  };
  let x, y;
  if (grid(trace)) {
    x = span(xaxis, trace.x, at[1]);
    y = span(yaxis, trace.y, at[0]);
  } else {
    const across = xaxis.d2p(trace.x[at]);
    const down = yaxis.d2p(trace.y[at]);
    x = [across - 6, across + 6];
    y = [down - 6, down + 6];
    if (trace.type === "bar") {
      const upright = trace.orientation !== "h";
      const [value, place, axis, other] = upright
        ? [trace.y[at], trace.x[at], yaxis, xaxis] : [trace.x[at], trace.y[at], xaxis, yaxis];
      const ends = [axis.d2p(0), axis.d2p(value)].sort((a, b) => a - b);
      const middle = other.d2c(place);
      const sides = [other.c2p(middle - 0.4), other.c2p(middle + 0.4)].sort((a, b) => a - b);
      [x, y] = upright ? [sides, ends] : [ends, sides];
    }
  }
  const inside = (low, high, length) => high > -1 && low < length + 1;
  if (!inside(...x, xaxis._length) || !inside(...y, yaxis._length)) return null;
  return {
    left: x[0] + xaxis._offset, top: y[0] + yaxis._offset,
    width: x[1] - x[0], height: y[1] - y[0],
  };
}

function frame(state, place, ...looks) {
  for (const [look, out] of looks) {
    const box = document.createElementNS(SVG, "rect");
    box.setAttribute("class", look);
    box.setAttribute("x", place.left - out);
    box.setAttribute("y", place.top - out);
    box.setAttribute("width", Math.max(place.width + 2 * out, 1));
    box.setAttribute("height", Math.max(place.height + 2 * out, 1));
    state.marks.append(box);
  }
}

/** Frames what is chosen, what is linked to the mark under the pointer, what the keyboard reads. */
function outline(state) {
  const { plot, data } = state;
  if (!plot._fullData) return;
  state.marks.replaceChildren();
  state.marks.setAttribute("width", plot._fullLayout.width);
  state.marks.setAttribute("height", plot._fullLayout.height);
  const wanted = (trace, at) => {
    const { pick, link } = meta(trace);
    return {
      chosen: (pick || link) && isChosen(state, trace, at),
      linked: link && state.linked !== null && named(trace, at) === state.linked,
    };
  };
  for (const trace of plot._fullData) {
    const { pick, link } = meta(trace);
    if (!(pick && data.chosen.length) && !(link && (state.linked !== null || data.chosen.length))) continue;
    for (const at of places(trace)) {
      const { chosen, linked } = wanted(trace, at);
      if (!chosen && !linked) continue;
      const place = frameOf(plot, trace, at);
      if (place) frame(state, place, ["under", 1], ["over", -1]);
    }
  }
  if (state.at) {
    const place = frameOf(plot, plot._fullData[state.at.trace], state.at.place);
    if (place) frame(state, place, ["aim", 2]);
  }
}

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

/** Names a mark as Plotly wants it: a cell by its coordinates, everything else by its number. */
function pointer(plot, trace, at) {
  if (!grid(trace)) return { pointNumber: at };
  const { xaxis, yaxis } = axesOf(plot, trace);
  return {
    xval: xaxis.d2c(coordinate(trace.x, at[1])), yval: yaxis.d2c(coordinate(trace.y, at[0])),
  };
}

const isReversed = (axis) => axis.range[0] > axis.range[1];

const axesOf = (plot, trace) => ({
  xaxis: plot._fullLayout[`xaxis${(trace.xaxis ?? "x").slice(1)}`],
  yaxis: plot._fullLayout[`yaxis${(trace.yaxis ?? "y").slice(1)}`],
});

const subplotOf = (trace) => `${trace.xaxis ?? "x"}${trace.yaxis ?? "y"}`;

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

const linkOf = (trace, at) => (meta(trace).link ? named(trace, at) ?? null : null);
const placeOf = (point) => (Array.isArray(point.pointNumber) ? point.pointNumber : point.pointIndex ?? point.pointNumber);

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

/** The width a chart stands in, as its watcher saw it last: asking lays the whole page out. */
const roomOf = (state) => (state.room ||= state.box.clientWidth);

/** How wide the figure is: the room there is, at most what it asks for, at least what it needs. */
function widthOf(state) {
  const { layout } = state.figure;
  const room = roomOf(state);
  if (layout.meta?.tiles) return room;
  return Math.round(Math.max(Math.min(layout.width ?? room, room), layout.meta?.least ?? 0));
}

/** Lays the parts of `dashboard.figures.look.tiles` out in as many columns as there is room for. */
function tiled(layout, room) {
  const { count, across, most, height } = layout.meta.tiles;
  const columns = Math.max(Math.min(Math.floor(room / layout.meta.least), count), 1);
  const width = Math.max(Math.min(Math.floor(room / columns), most), layout.meta.least);
  const rows = Math.ceil(count / columns);
  const before = { width: layout.width / across, rows: Math.ceil(count / across) };
  const moved = {
    ...layout,
    width: columns * width,
    height: layout.height + (rows - before.rows) * height,
  };
  for (const [name, axis] of Object.entries(layout)) {
    if (!/^[xy]axis/.test(name)) continue;
    const own = name[0] === "x" ? name.slice(5) : axis.anchor.slice(1);
    const tile = Number(own || 1) - 1;
    const [column, row] = [tile % columns, Math.floor(tile / columns)];
    const first = { column: tile % across, row: Math.floor(tile / across) };
    const [low, high] = axis.domain;
    moved[name] = { ...axis, domain: name[0] === "x"
      ? [(low * layout.width - first.column * before.width + column * width) / moved.width,
        (high * layout.width - (first.column + 1) * before.width + (column + 1) * width) / moved.width]
      // counted from above, in heights of a tile
      : [low, high].map((end) => 1 - ((1 - end) * before.rows - first.row + row) / rows) };
  }
  return moved;
}

function config(state) {
  return {
    displaylogo: false,
    showSendToCloud: false, // nothing that a visitor sees goes to others
    plotlyServerURL: "",
    responsive: false,
    scrollZoom: false,
    doubleClick: "reset",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg", filename: state.data.file },
  };
}

const waiting = new Set();
let drawing = false;

const HELD = 50; // milliseconds after which a pressed chart is looked at again
const LONGEST = 10_000; // milliseconds until a pressed button is taken for forgotten

/** A chart that is drawn anew under a pressed button may lose the click. */
const isFree = ({ box, pressed }) =>
  !box.matches(":active") || performance.now() - pressed > LONGEST;

const BUSY = 80; // milliseconds of drawing after which the browser paints and answers

/** Draws charts in turn, those in sight first; the browser paints and answers now and then. */
async function drawSoon(state) {
  waiting.add(state);
  if (drawing) return;
  drawing = true;
  let rested = -BUSY;
  while (waiting.size) {
    if (performance.now() - rested >= BUSY) {
      await breath();
      rested = performance.now();
    }
    const free = [...waiting].filter(isFree);
    if (!free.length) {
      await new Promise((resolve) => setTimeout(resolve, HELD));
      rested = -BUSY;
    }
    const next = free.find((one) => one.inSight) ?? free[0];
    if (!next) continue;
    waiting.delete(next);
    await draw(next).catch(reportError);
  }
  drawing = false;
}

const breath = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
});

async function draw(state) {
  const { figure } = state;
  let Plotly;
  try {
    Plotly = await load(state.data.library);
  } catch {
    state.plot.className = "failed";
    state.plot.textContent = "The drawing library could not be loaded; reload the page.";
    return;
  }
  if (state.gone || state.figure !== figure) return;
  state.width = widthOf(state);
  const { layout: whole } = state.figure;
  const layout = whole.meta?.tiles ? tiled(whole, roomOf(state)) : { ...whole, width: state.width };
  state.box.style.minHeight = `${layout.height}px`;
  // a finger scrolls the page; a mouse draws the part to zoom into
  const dragmode = matchMedia("(pointer: coarse)").matches ? false : layout.dragmode;
  // a changed setting would make Plotly begin anew, and the zoom be lost
  const settings = state.plot._context?.toImageButtonOptions;
  if (settings) settings.filename = state.data.file;
  await Plotly.react(
    state.plot, state.figure.data,
    { ...layout, uirevision: layout.uirevision ?? "kept", ...(dragmode === false && { dragmode }) },
    config(state));
  if (!state.listens) {
    state.listens = true;
    listen(state);
  }
  state.plot.classList.toggle("picks", state.figure.data.some((trace) => meta(trace).pick));
  state.at = null;
  outline(state);
  if (state.figure === figure) state.box.dataset.state = "drawn";
}

/** A chart's drawing: begun anew, or as it was when its page was left. */
function create(parentElement, figure) {
  const box = parentElement.querySelector(".atlas-chart");
  const state = left.get(figure) ?? begin();
  left.delete(figure);
  Object.assign(state, { box, pressed: 0, room: 0, linked: null, at: null, gone: false });
  state.said.textContent = "";
  box.replaceChildren(state.plot, state.marks, state.said);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.addEventListener("keydown", (event) => press(state, event));
  box.addEventListener("pointerdown", (event) => { state.pressed = event.timeStamp; });
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
