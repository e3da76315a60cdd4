// Marks of a Plotly figure: their places, names and values, and frames around them, which lie in a
// layer of their own above the drawing, so that to point at a mark draws nothing anew.

const SVG = "http://www.w3.org/2000/svg";

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

const linkOf = (trace, at) => (meta(trace).link ? named(trace, at) ?? null : null);
const placeOf = (point) => (Array.isArray(point.pointNumber) ? point.pointNumber : point.pointIndex ?? point.pointNumber);
