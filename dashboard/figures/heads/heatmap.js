// A heatmap of heads, drawn as SVG: Python sends what is shown, and only what has changed is
// drawn anew. Texts are escaped on their way into markup. It keeps its height and takes the
// width there is; letters keep their size.

const states = new WeakMap();

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function channels(colour) {
  const value = parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function palette(figure) {
  const stops = figure.colours.map(channels);
  return (value) => {
    const share = (value - figure.low) / (figure.high - figure.low);
    const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const first = Math.min(Math.floor(place), stops.length - 2);
    const mixed = stops[first].map((from, i) =>
      Math.round(from + (stops[first + 1][i] - from) * (place - first)));
    return `rgb(${mixed})`;
  };
}

function layout(figure, look, width) {
  const cells = width - look.left - look.right - look.gap - look.bar;
  const height = figure.height - look.top - look.bottom;
  const bars = width - look.right - look.bar;
  return {
    width, cells, height, bars,
    column: cells / figure.heads,
    row: height / figure.layers,
    bottom: look.top + height,
    x: (head) => look.left + ((head - 0.5) * cells) / figure.heads,
    y: (layer) => look.top + height - ((layer - 0.5) * height) / figure.layers,
  };
}

function markup(figure, look, place) {
  const { width, cells, height, bars, column, row, bottom, x, y } = place;
  const colour = palette(figure);
  const n = (number) => +number.toFixed(2);
  const text = (left, top, words, more = "") =>
    `<text x="${n(left)}" y="${n(top)}" ${more}>${escape(words)}</text>`;
  const tick = (x1, y1, x2, y2) =>
    `<path d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}" stroke="${look.ink}"/>`;
  const middle = 'text-anchor="middle"';
  const faint = (parts) => `<g fill-opacity="0.75">${parts.join("")}</g>`;
  const drawn = [
    text(look.left, 16, figure.title[0], 'font-weight="bold"'),
    text(look.left, 31, figure.title[1]),
    `<rect x="${look.left}" y="${look.top}" width="${n(cells)}" height="${height}" ` +
      `fill="${look.masked}"/>`,
  ];
  for (let i = 0; i < figure.values.length; i += 1) {
    if (figure.values[i] !== null) {
      const left = look.left + (i % figure.heads) * column;
      const top = bottom - (Math.floor(i / figure.heads) + 1) * row;
      drawn.push(
        `<rect x="${n(left + 0.25)}" y="${n(top + 0.25)}" width="${n(column - 0.5)}" ` +
          `height="${n(row - 0.5)}" fill="${colour(figure.values[i])}"/>`);
    }
  }
  const labels = [];
  for (const head of figure.head_ticks) {
    drawn.push(tick(x(head), bottom + 8, x(head), bottom + 11));
    labels.push(text(x(head), bottom + 24, head, middle));
  }
  for (const layer of figure.layer_ticks) {
    drawn.push(tick(look.left - 11, y(layer), look.left - 8, y(layer)));
    labels.push(text(look.left - 13, y(layer) + 4, layer, 'text-anchor="end"'));
  }
  const upright = look.top + height / 2;
  labels.push(
    text(look.left + cells / 2, bottom + 38, "head", middle),
    text(11, upright, "layer", `${middle} transform="rotate(-90 11 ${n(upright)})"`),
    text(bars + look.bar / 2, bottom + 38, "layer max., %", middle));
  const along = (percent) => bars + (Math.min(percent / figure.longest, 1) * look.bar);
  figure.maxima.forEach((percent, i) => {
    if (percent === null) return;
    drawn.push(
      `<rect x="${n(bars)}" y="${n(y(i + 1) - 0.375 * row)}" width="${n(along(percent) - bars)}" ` +
        `height="${n(0.75 * row)}" fill="${look.ink}"/>`);
  });
  for (const [percent, words] of figure.maxima_ticks) {
    drawn.push(tick(along(percent), bottom + 8, along(percent), bottom + 11));
    labels.push(text(along(percent), bottom + 24, words, middle));
  }
  if (figure.background !== null) {
    const at = n(along(figure.background));
    drawn.push(
      `<path d="M${at} ${look.top}V${bottom}" stroke="${look.line}" stroke-dasharray="2 2"/>`);
  }
  const top = bottom + 56;
  const steps = 64;
  const span = figure.high - figure.low;
  for (let i = 0; i < steps; i += 1) {
    const value = figure.low + ((i + 0.5) / steps) * span;
    const end = i + 1 < steps ? 0.5 : 0; // no hair lines between them
    drawn.push(
      `<rect x="${n(look.left + (i * cells) / steps)}" y="${n(top)}" ` +
        `width="${n(cells / steps + end)}" height="8" shape-rendering="crispEdges" fill="${colour(value)}"/>`);
  }
  for (const [value, words] of figure.legend_ticks) {
    const at = look.left + ((value - figure.low) / span) * cells;
    drawn.push(tick(at, top + 8, at, top + 11));
    labels.push(text(at, top + 23, words, middle));
  }
  labels.push(text(look.left + cells / 2, top + 38, figure.legend, middle));
  drawn.push(
    faint(labels),
    `<rect class="atlas-cells" x="${look.left}" y="${look.top}" width="${n(cells)}" ` +
      `height="${height}" fill="none" pointer-events="all"/>`,
    `<rect class="atlas-bars" x="${n(bars)}" y="${look.top}" width="${look.bar}" ` +
      `height="${height}" fill="none" pointer-events="all"/>`);
  return drawn.join("");
}

function whole(state, place, alone) {
  const { figure, look, alt } = state.data;
  const colours = alone
    ? 'xmlns="http://www.w3.org/2000/svg" color="#222" style="background:#fff" ' +
      'font-family="sans-serif"'
    : 'style="overflow:visible" font-family="inherit"';
  return (
    `<svg ${colours} role="img" aria-label="${escape(alt)}" width="${place.width}" ` +
    `height="${figure.height}" viewBox="0 0 ${place.width} ${figure.height}" ` +
    `font-size="${look.font}" fill="currentColor">${markup(figure, look, place)}</svg>`);
}

function outline(state) {
  const { figure, chosen } = state.data;
  state.box.querySelector(".atlas-chosen")?.remove();
  if (!chosen || chosen[0] > figure.layers || chosen[1] > figure.heads) return;
  const { x, y, column, row } = state.place;
  const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
  group.setAttribute("class", "atlas-chosen");
  group.setAttribute("pointer-events", "none");
  for (const [colour, out] of [["#000", 1], ["#fff", -1]]) {
    const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const places = {
      x: x(chosen[1]) - column / 2 - out, y: y(chosen[0]) - row / 2 - out,
      width: column + 2 * out, height: row + 2 * out,
      fill: "none", stroke: colour, "stroke-width": 2,
    };
    for (const [name, value] of Object.entries(places)) frame.setAttribute(name, value);
    group.append(frame);
  }
  state.box.querySelector("svg").append(group);
}

function draw(state) {
  const { figure, look } = state.data;
  state.place = layout(figure, look, Math.max(Math.round(state.box.clientWidth), 240));
  state.canvas.innerHTML = whole(state, state.place, false);
  state.tip.hidden = true;
  outline(state);
  if (state.at) aim(state);
}

/** The cell or bar under the pointer. */
function find(state, event) {
  const { figure } = state.data;
  const kind = event.target.getAttribute?.("class");
  if (kind !== "atlas-cells" && kind !== "atlas-bars") return null;
  const box = event.target.getBoundingClientRect();
  const within = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1) + 1;
  const layer = within((box.bottom - event.clientY) / box.height, figure.layers);
  const head = within((event.clientX - box.left) / box.width, figure.heads);
  return kind === "atlas-cells" ? { layer, head } : { layer, head: null };
}

/** Shows what the cell or bar at a place is; hides it where there is none. */
function read(state, at) {
  const { figure } = state.data;
  let words = "";
  if (at) {
    const text = at.head === null
      ? figure.maxima_texts[at.layer - 1]
      : figure.texts[(at.layer - 1) * figure.heads + at.head - 1];
    words = at.head === null ? text : `layer ${at.layer}, head ${at.head}\n${text}`;
  }
  state.tip.hidden = !words;
  if (!words) return;
  state.tip.textContent = words;
  const { x, y, bars } = state.place;
  const left = at.head === null ? bars : x(at.head);
  const room = state.place.width - state.tip.offsetWidth;
  state.tip.style.left = `${Math.max(Math.min(left + 12, room), 0)}px`;
  state.tip.style.top = `${y(at.layer) + 14}px`;
}

/** Moves the cell that the keyboard reads, and opens it. */
function press(state, event) {
  const { figure, chosen } = state.data;
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] };
  const [layer, head] = state.at ?? chosen ?? [1, 1];
  if (event.key in step) {
    const [up, across] = state.at ? step[event.key] : [0, 0];
    const within = (place, count) => Math.min(Math.max(place, 1), count);
    state.at = [within(layer + up, figure.layers), within(head + across, figure.heads)];
  } else if (event.key === "Enter" || event.key === " ") {
    if (state.at) state.send("clicked", state.at);
  } else if (event.key === "Escape") {
    state.at = null;
  } else {
    return;
  }
  event.preventDefault();
  aim(state);
}

/** Frames the cell that the keyboard reads, and says it. */
function aim(state) {
  state.box.querySelector(".atlas-aim")?.remove();
  const [layer, head] = state.at ?? [Infinity, Infinity];
  if (layer > state.data.figure.layers || head > state.data.figure.heads) {
    read(state, null);
    return;
  }
  const { x, y, column, row } = state.place;
  const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const places = {
    class: "atlas-aim", x: x(head) - column / 2 - 2, y: y(layer) - row / 2 - 2,
    width: column + 4, height: row + 4, "pointer-events": "none",
  };
  for (const [name, value] of Object.entries(places)) frame.setAttribute(name, value);
  state.box.querySelector("svg").append(frame);
  read(state, { layer, head });
}

function save(state) {
  const file = new Blob([whole(state, state.place, true)], { type: "image/svg+xml" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = state.data.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const CAMERA =
  '<svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">' +
  '<path fill-rule="evenodd" d="M1.5 4H4l1.2-2h5.6L12 4h2.5a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-13a1 ' +
  '1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8 5.5a3.3 3.3 0 1 0 0 6.6a3.3 3.3 0 1 0 0-6.6zm0 ' +
  '1.5a1.8 1.8 0 1 1 0 3.6a1.8 1.8 0 1 1 0-3.6z"/></svg>';

function create(parentElement) {
  const box = parentElement.querySelector(".atlas-heatmap");
  const state = { box };
  state.canvas = document.createElement("div");
  state.tip = document.createElement("div");
  state.tip.className = "atlas-tip";
  state.tip.hidden = true;
  state.tip.setAttribute("role", "status");
  state.canvas.className = "atlas-canvas";
  state.canvas.tabIndex = 0;
  state.canvas.setAttribute("role", "group");
  state.canvas.setAttribute("aria-label", "Heads: arrow keys read a cell, Enter opens its head");
  const button = document.createElement("button");
  button.className = "atlas-save";
  button.type = "button";
  button.title = "Save the figure as SVG";
  button.setAttribute("aria-label", button.title);
  button.innerHTML = CAMERA;
  button.addEventListener("click", () => save(state));
  box.replaceChildren(state.canvas, button, state.tip);
  state.canvas.addEventListener("mousemove", (event) => read(state, find(state, event)));
  state.canvas.addEventListener("mouseleave", () => { state.tip.hidden = true; });
  state.canvas.addEventListener("click", (event) => {
    const at = find(state, event);
    if (at && at.head !== null) state.send("clicked", [at.layer, at.head]);
  });
  state.canvas.addEventListener("keydown", (event) => press(state, event));
  state.canvas.addEventListener("blur", () => {
    state.at = null;
    aim(state);
  });
  state.watcher = new ResizeObserver(() => {
    const width = Math.max(Math.round(box.clientWidth), 240);
    if (state.data && box.clientWidth && width !== state.place.width) draw(state);
  });
  state.watcher.observe(box);
  return state;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let state = states.get(parentElement);
  if (!state) {
    state = create(parentElement);
    states.set(parentElement, state);
  }
  state.send = setTriggerValue;
  state.data = data;
  const shown = JSON.stringify([data.figure, data.alt]);
  if (shown !== state.shown) {
    state.shown = shown;
    draw(state);
  } else {
    outline(state);
  }
  return () => {
    state.watcher.disconnect();
    states.delete(parentElement);
  };
}
