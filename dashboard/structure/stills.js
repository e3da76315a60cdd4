// Small still pictures of the structure, one a head, all from the side that the 3D view shows.
// One viewer out of sight draws them one after another, a frame each, so that the page answers
// meanwhile; a page has few WebGL viewers and this needs one for any number of pictures.
// `pressed.js` and `structure_drawing.js` stand before it in one script.

const states = new WeakMap();
const SHAPE = 0.85; // height of a picture by its width
const THICK = 1.7; // arcs of a small picture would be hairs
const CLOSER = 1.2; // a small picture has no tools to leave room for
const SHARP = 2; // pixels drawn for each one shown, for smooth edges
const SAVED = 480; // pixels of a picture's width in the saved grid
const LARGEST = 8000; // pixels of the saved grid's longer side

const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

function openStage(state, library) {
  const { structure, scene } = window.atlasMolecule.data;
  const id = structure.id + state.data.ground;
  if (state.shown === id) return;
  state.viewer ??= library.createViewer(state.stage, {
    backgroundAlpha: 0,
    upscale: false,
    cartoonQuality: COARSE,
  });
  if (!state.viewer) throw new Error("This browser offers no WebGL, which the pictures need.");
  state.viewer.removeAllModels();
  const model = state.viewer.addModel(structure.text, "cif");
  state.points = pointsOf(model, placesOf(scene?.keys ?? []));
  styleAtoms(state.viewer, structure.drawing, () => state.data.ground);
  state.shown = id;
}

function turn(state) {
  const { data, viewer } = window.atlasMolecule;
  state.viewer.zoomTo(chainsOf(data.scene));
  state.viewer.setView(viewer.getView());
  state.viewer.zoom(CLOSER);
}

// Draws one head's arcs, as large as asked, and gives the canvas they stand on.
function drawStill(state, still, width) {
  const { viewer, stage } = state;
  const ratio = window.devicePixelRatio || 1;
  if (state.width !== width) {
    stage.style.width = `${width / ratio}px`;
    stage.style.height = `${(width * SHAPE) / ratio}px`;
    viewer.resize();
    state.width = width;
  }
  viewer.removeAllShapes();
  drawArcs(viewer, state.points, still.arcs, THICK);
  viewer.render();
  return viewer.getCanvas();
}

function makeFigures(state) {
  const { grid, data } = state;
  grid.style.setProperty("--columns", data.columns);
  grid.style.setProperty("--pixels", `${data.pixels}px`);
  const figures = data.stills.map((still) => {
    const figure = document.createElement("figure");
    figure.dataset.pick = still.name;
    figure.tabIndex = 0;
    figure.classList.toggle("chosen", still.chosen);
    const canvas = document.createElement("canvas");
    canvas.width = data.pixels * SHARP;
    canvas.height = Math.round(data.pixels * SHARP * SHAPE);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${still.name}: ${still.label}`);
    const caption = document.createElement("figcaption");
    caption.textContent = `${still.name}: ${still.label}`;
    figure.append(canvas, caption);
    return figure;
  });
  grid.replaceChildren(...figures);
}

// There is one viewer: what draws with it waits until the one before has finished.
function inTurn(state, draw) {
  state.last = (state.last ?? Promise.resolve()).then(draw).catch((problem) => {
    state.message.textContent = problem.message;
    state.root.dataset.state = "failed";
  });
}

async function drawAll(state, run, library) {
  while (isHeld(state.grid)) await nextFrame();
  if (state.run !== run) return;
  openStage(state, library);
  state.message.textContent = "";
  makeFigures(state);
  turn(state);
  for (const [place, figure] of [...state.grid.children].entries()) {
    await nextFrame();
    if (state.run !== run) return;
    const canvas = figure.querySelector("canvas");
    const drawn = drawStill(state, state.data.stills[place], canvas.width);
    canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
    state.root.dataset.pictures = place + 1;
  }
  state.root.dataset.state = "ready";
}

// The grid as one picture, every still drawn anew at its size, with captions and the legend.
async function saveGrid(state) {
  const { data } = state;
  const columns = Math.min(data.sheet_columns, data.stills.length);
  const rows = Math.ceil(data.stills.length / columns);
  const height = (width) => Math.round(width * (SHAPE + 0.11));
  const fits = (width) => Math.max(columns * width, (rows + 1) * height(width)) <= LARGEST;
  let width = SAVED;
  while (!fits(width)) width -= 20;
  const size = Math.round(width / 16);
  const sheet = document.createElement("canvas");
  sheet.width = columns * width;
  sheet.height = rows * height(width) + 4 * size;
  const pen = sheet.getContext("2d");
  if (state.white.checked) {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, sheet.width, sheet.height);
  }
  pen.textBaseline = "top";
  pen.font = `${size}px sans-serif`;
  for (const [place, still] of data.stills.entries()) {
    const x = (place % columns) * width;
    const y = Math.floor(place / columns) * height(width);
    const drawn = drawStill(state, still, width * SHARP);
    pen.drawImage(drawn, x, y, width, Math.round(width * SHAPE));
    pen.fillStyle = "black";
    pen.textAlign = "center";
    pen.fillText(`${still.name}: ${still.label}`, x + width / 2, y + width * SHAPE, width);
    await nextFrame();
    if (!states.has(state.parent)) return;
  }
  pen.textAlign = "left";
  let x = size / 2;
  const y = sheet.height - 3.4 * size;
  for (const [colour, words] of data.legend) {
    pen.fillStyle = colour;
    pen.fillRect(x, y, size, size);
    pen.fillStyle = "black";
    pen.fillText(words, x + 1.4 * size, y);
    x += 2.8 * size + pen.measureText(words).width;
  }
  pen.fillStyle = "black";
  pen.fillText(data.about, size / 2, sheet.height - 1.8 * size, sheet.width - size);
  save(sheet.toDataURL("image/png"), data.file);
}

function answer(state, event) {
  const figure = event.target.closest?.("[data-pick]");
  if (figure) state.send("picked", figure.dataset.pick);
}

function open(parentElement) {
  const root = parentElement.querySelector(".stills");
  const state = {
    root,
    parent: parentElement,
    grid: root.querySelector(".grid"),
    stage: root.querySelector(".stage"),
    message: root.querySelector(".message"),
    white: root.querySelector("input"),
  };
  watchPresses(state.grid);
  state.grid.onclick = (event) => answer(state, event);
  state.grid.onkeydown = (event) => event.key === "Enter" && answer(state, event);
  root.querySelector("[data-do=turn]").onclick = () => state.viewer && redraw(state);
  root.querySelector("[data-do=save]").onclick = () =>
    state.viewer && inTurn(state, () => saveGrid(state));
  state.waiting = () => begin(state);
  window.addEventListener("atlas-molecule", state.waiting);
  states.set(parentElement, state);
  return state;
}

// Nothing is drawn until the 3D view above has its structure, and nothing twice.
function begin(state) {
  const above = window.atlasMolecule;
  if (!above) return;
  const wanted = JSON.stringify([state.data, above.data.structure.id]);
  if (state.wanted === wanted) return;
  state.wanted = wanted;
  redraw(state);
}

// The newest wish is drawn; one that is being drawn ends where it is.
function redraw(state) {
  const run = Symbol("run");
  state.run = run;
  state.root.dataset.state = "loading";
  inTurn(state, async () => drawAll(state, run, await fetchLibrary(state.data.library)));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = states.get(parentElement) ?? open(parentElement);
  state.data = data;
  state.send = setTriggerValue;
  begin(state);
  return () => {
    window.removeEventListener("atlas-molecule", state.waiting);
    state.run = null;
    states.delete(parentElement);
  };
}
