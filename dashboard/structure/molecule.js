// One 3Dmol.js viewer that lives as long as the page and outlives it: Python sends what to show,
// and only what has changed is drawn anew, so that the camera stays where the visitor left it.
// `structure_drawing.js` stands before it in one script.

const viewers = new WeakMap();
const left = new Map(); // views of pages that were left, by place and structure, oldest first
const MOST_LEFT = 3;
const REST = "#9a9a9a"; // chains that are not the chosen one
const ANEW_MS = 1000; // until a view whose context was lost is drawn anew
const SMOOTH_MS = 250; // without a change, until the edges of what is drawn are smoothed
const LARGEST_SIDE = 8192; // pixels of a saved picture; browsers' WebGL ends near there

function say(state, text) {
  state.message.textContent = text;
  state.message.hidden = !text;
}

// A driver that starts anew, or a computer that wakes, takes what was drawn with it, and 3Dmol.js
// would draw the next frame without arcs. Its viewers share one context, on a canvas out of sight.
function watchLoss(state) {
  state.viewer.getRenderer().getContext().canvas.addEventListener("webglcontextlost", () => {
    state.lost = true;
    setTimeout(() => state.lost && state.box.isConnected && show(state), ANEW_MS);
  }, { once: true });
}

// Begin with an empty box, and look at it from where the visitor did.
function forget(state) {
  state.seen = { structure: state.shown, view: state.viewer.getView() };
  state.viewer = state.shown = state.drawn = state.styled = undefined;
  state.labels = 0;
  state.lost = false;
  state.box.replaceChildren();
}

function lookAgain(state) {
  if (state.seen?.structure === state.shown) state.viewer.setView(state.seen.view, true);
  state.seen = undefined;
}

function openViewer(state, library) {
  state.fine = !drawsInSoftware();
  state.viewer = library.createViewer(state.box, {
    backgroundAlpha: 0,
    upscale: state.fine,
    cartoonQuality: state.fine ? FINE : COARSE,
  });
  if (!state.viewer) throw new Error("This browser offers no WebGL, which the 3D view needs.");
  // they draw a frame whenever the view comes back into a page; `watchSize` does what is needed
  state.viewer.divwatcher?.disconnect();
  state.viewer.intwatcher?.disconnect();
  watchLoss(state);
}

// Without a graphics card most of a frame's time goes into smoothing its edges.
function smooth(state, wanted) {
  const renderer = state.viewer.getRenderer();
  if (state.fine || renderer._antialias === wanted) return;
  renderer._antialias = wanted;
  renderer.initFrameBuffer();
}

// What changes is drawn at once, and smoothed when it rests.
function render(state) {
  smooth(state, false);
  state.viewer.render();
  smoothSoon(state);
}

function smoothSoon(state) {
  clearTimeout(state.smoothing);
  if (state.fine || state.viewer.getRenderer()._antialias) return;
  state.smoothing = setTimeout(() => {
    smooth(state, true);
    state.viewer.render();
  }, SMOOTH_MS);
}

// A view that is looked at again has its size already, and need not be drawn for it.
function watchSize(state) {
  state.watcher = new ResizeObserver(() => {
    const size = [state.box.clientWidth, state.box.clientHeight, innerWidth, innerHeight].join(" ");
    if (state.viewer && !state.lost && state.size !== size) state.viewer.resize();
    state.size = size;
  });
  state.watcher.observe(state.box);
}

function showAll(state) {
  state.viewer.zoomTo(chainsOf(state.data.scene));
}

function loadStructure(state) {
  const { structure, scene } = state.data;
  if (state.shown === structure.id) return false;
  state.viewer.removeAllModels();
  state.model = state.viewer.addModel(structure.text, "cif");
  state.shown = structure.id;
  state.styled = null;
  state.places = placesOf(scene?.keys ?? []);
  state.points = pointsOf(state.model, state.places);
  if (scene) {
    state.viewer.setClickable({}, true, (atom) => {
      const place = state.places.get(keyOf(atom));
      if (place !== undefined) state.send("residue", place);
    });
  }
  return true;
}

function styleStructure(state) {
  const { structure, colours, scene } = state.data;
  const wanted = JSON.stringify([structure.drawing, colours, scene?.colours]);
  if (state.styled === wanted) return;
  state.styled = wanted;
  const colour = (atom) => {
    if (!scene) return colours[atom.chain] ?? REST;
    const place = state.places.get(keyOf(atom));
    if (place !== undefined) return scene.palette[scene.colours[place]];
    return scene.by_chain ? colours[atom.chain] ?? REST : REST;
  };
  styleAtoms(state.viewer, structure.drawing, colour);
}

function drawMarks(state) {
  const shapes = new Map();
  for (const { residue, colour: color, opacity, radius } of state.data.scene.balls) {
    const center = state.points.get(residue);
    if (!center) continue;
    const key = `${color} ${opacity}`;
    if (!shapes.has(key)) shapes.set(key, state.viewer.addShape({ color, opacity }));
    shapes.get(key).addSphere({ center: { ...center }, radius });
  }
  drawLabels(state, 1);
}

// 3Dmol.js draws a frame for each label unless it is told not to, and one to take them away.
function drawLabels(state, scale) {
  if (state.labels) state.viewer.removeAllLabels();
  state.labels = 0;
  for (const [place, text] of state.data.scene?.labels ?? []) {
    const position = state.points.get(place);
    if (!position) continue;
    state.labels += 1;
    const look = {
      position,
      fontSize: 12 * scale,
      padding: 2 * scale,
      fontColor: "black",
      backgroundColor: "white",
      backgroundOpacity: 1,
      inFront: true,
      alignment: "bottomLeft",
    };
    state.viewer.addLabel(text, look, undefined, true);
  }
}

// A canvas says nothing to those who cannot see it; the arcs themselves are in the tables.
function describe(state) {
  const { colours, scene } = state.data;
  const chains = Object.keys(colours).length;
  const whole = `3D structure of ${chains === 1 ? "one chain" : `${chains} chains`}`;
  const arcs = state.arcs === 1 ? "one arc" : `${state.arcs} arcs`;
  const named = scene?.other ? `chains ${scene.chain} and ${scene.other}` : `chain ${scene?.chain}`;
  return scene ? `${whole}; ${arcs} of attention drawn on ${named}` : whole;
}

function draw(state, library) {
  if (state.lost) forget(state);
  if (!state.viewer) openViewer(state, library);
  const isNew = loadStructure(state);
  const atoms = state.model.selectedAtoms({});
  if (!atoms.length) throw new Error("3Dmol.js found no atom in this structure.");
  const wanted = JSON.stringify([state.data.structure.drawing, state.data.colours, state.data.scene]);
  if (isNew || state.drawn !== wanted) {
    styleStructure(state);
    state.arcs = 0;
    if (state.data.scene) {
      state.viewer.removeAllShapes();
      state.arcs = drawArcs(state.viewer, state.points, state.data.scene.arcs);
      drawMarks(state);
    }
    if (isNew) showAll(state);
    lookAgain(state);
    render(state);
    state.drawn = wanted;
  } else smoothSoon(state);
  state.box.setAttribute("role", "img");
  state.box.setAttribute("aria-label", describe(state));
  state.root.dataset.atoms = atoms.length;
  state.root.dataset.arcs = state.arcs;
  state.root.dataset.labels = state.labels ?? 0;
  state.root.dataset.drawn = Number(state.root.dataset.drawn ?? 0) + 1;
  state.root.dataset.view = state.viewer.getView().map((x) => x.toFixed(2)).join(" ");
}

function setQuality(state, steps) {
  state.model.defaultCartoonQuality = steps;
  state.styled = null;
  styleStructure(state);
}

// The picture is drawn anew at its size, not blown up; nothing is painted in between.
function picture(state, times, white) {
  const { box, viewer } = state;
  const { width, height } = box.getBoundingClientRect();
  const scale = Math.min(times, LARGEST_SIDE / Math.max(width, height));
  box.style.inset = "auto";
  box.style.width = `${width * scale}px`;
  box.style.height = `${height * scale}px`;
  clearTimeout(state.smoothing);
  smooth(state, true);
  if (white) viewer.setBackgroundColor("white", 1);
  viewer.resize();
  drawLabels(state, scale);
  if (!state.fine) setQuality(state, FINE);
  viewer.render();
  const address = viewer.pngURI();
  if (!state.fine) setQuality(state, COARSE);
  box.removeAttribute("style");
  viewer.setBackgroundColor("white", 0);
  viewer.resize();
  drawLabels(state, 1);
  viewer.render();
  return address;
}

function addTools(state) {
  const { root } = state;
  const tools = root.querySelector(".tools");
  const white = tools.querySelector("input");
  for (const button of tools.querySelectorAll("button")) {
    button.onclick = () => {
      if (!state.viewer) return;
      if (button.dataset.do === "reset") {
        showAll(state);
        state.viewer.render();
        return;
      }
      const address = picture(state, Number(button.dataset.times), white.checked);
      save(address, state.data.scene?.file ?? "structure");
    };
  }
}

// The small pictures take the structure and the side it is seen from from here.
function publish(state) {
  window.atlasMolecule = state;
  window.dispatchEvent(new Event("atlas-molecule"));
}

// What one view shows another, of the same structure elsewhere, does not show.
const nameOf = (place, id) => `${place} ${id}`;

// A view as it was when its page was left, else a new one or, where there are enough, the oldest:
// 3Dmol.js's viewers never end, and a browser has some sixteen WebGL contexts.
function open(parentElement, { place: of, structure }) {
  const id = nameOf(of, structure.id);
  const root = parentElement.querySelector(".molecule");
  const place = root.querySelector(".view");
  const [oldest] = left.keys();
  const known = left.has(id) || left.size < MOST_LEFT ? id : oldest;
  const state = left.get(known) ?? { box: place };
  left.delete(known);
  state.root = root;
  state.message = root.querySelector(".message");
  place.replaceWith(state.box);
  addTools(state);
  watchSize(state);
  viewers.set(parentElement, state);
  return state;
}

function show(state) {
  state.root.dataset.state = "loading";
  fetchLibrary(state.data.library)
    .then((library) => {
      draw(state, library);
      say(state, "");
      state.root.dataset.state = "ready";
      publish(state);
    })
    .catch((problem) => {
      say(state, problem.message);
      state.root.dataset.state = "failed";
    });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = viewers.get(parentElement) ?? open(parentElement, data);
  state.data = data;
  state.send = setTriggerValue;
  state.root.style.height = `${data.height}px`;
  show(state);
  return () => {
    state.watcher.disconnect();
    clearTimeout(state.smoothing);
    if (window.atlasMolecule === state) window.atlasMolecule = undefined;
    viewers.delete(parentElement);
    if (state.root.dataset.state === "ready") left.set(nameOf(state.data.place, state.shown), state);
  };
}
