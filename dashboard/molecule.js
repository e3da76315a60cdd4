// One 3Dmol.js viewer that lives as long as the page: Python sends what to show, and only
// what has changed is drawn anew, so that the camera stays where the visitor left it.
// File content arrives as data and goes to 3Dmol's parser or into textContent, never into markup.

const viewers = new WeakMap();
const WATER = ["HOH", "WAT", "DOD", "H2O"];

function fetchLibrary({ url, integrity }) {
  if (window.$3Dmol) return Promise.resolve(window.$3Dmol);
  window.atlas3Dmol ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    if (integrity) {
      script.integrity = integrity;
      script.crossOrigin = "anonymous";
    }
    script.onload = () => resolve(window.$3Dmol);
    script.onerror = () => {
      window.atlas3Dmol = undefined; // a later visit tries again
      reject(new Error(`3Dmol.js could not be loaded from ${new URL(url, location.href).host}.`));
    };
    document.head.append(script);
  });
  return window.atlas3Dmol;
}

function say(state, text) {
  state.message.textContent = text;
  state.message.hidden = !text;
}

function draw(state, library) {
  const { structure, colours } = state.data;
  if (!state.viewer) {
    state.viewer = library.createViewer(state.box, { backgroundAlpha: 0 });
    if (!state.viewer) throw new Error("This browser offers no WebGL, which the 3D view needs.");
    state.watcher = new ResizeObserver(() => state.viewer.resize());
    state.watcher.observe(state.box);
  }
  const viewer = state.viewer;
  const isNew = state.shown !== structure.id;
  if (isNew) {
    viewer.removeAllModels();
    state.model = viewer.addModel(structure.text, "cif");
    state.shown = structure.id;
  }
  const atoms = state.model.selectedAtoms({});
  if (!atoms.length) throw new Error("3Dmol.js found no atom in this structure.");
  const colour = (atom) => colours[atom.chain] ?? "#999999";
  const ball = { scale: 0.25, colorfunc: colour };
  const styles = {
    cartoon: { cartoon: { colorfunc: colour } },
    trace: { cartoon: { style: "trace", colorfunc: colour } },
    stick: { stick: { colorfunc: colour }, sphere: ball },
  };
  viewer.setStyle({}, styles[structure.drawing]);
  if (structure.drawing !== "stick") {
    const ligand = { hetflag: true, not: { resn: WATER } };
    viewer.addStyle(ligand, { stick: { radius: 0.2 }, sphere: { scale: 0.25 } });
  }
  if (isNew) viewer.zoomTo();
  viewer.render();
  state.root.dataset.atoms = atoms.length;
}

export default function ({ data, parentElement }) {
  let state = viewers.get(parentElement);
  if (!state) {
    const root = parentElement.querySelector(".molecule");
    state = {
      root,
      box: root.querySelector(".view"),
      message: root.querySelector(".message"),
    };
    viewers.set(parentElement, state);
  }
  state.data = data;
  state.root.style.height = `${data.height}px`;
  state.root.dataset.state = "loading";
  fetchLibrary(data.library)
    .then((library) => {
      draw(state, library);
      say(state, "");
      state.root.dataset.state = "ready";
    })
    .catch((problem) => {
      say(state, problem.message);
      state.root.dataset.state = "failed";
    });
  return () => {
    state.watcher?.disconnect();
    viewers.delete(parentElement);
  };
}
