// Charts are drawn by Plotly in turn, as wide as there is room for.

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
    const free = [...waiting].filter(({ box }) => !isHeld(box));
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
