// What the 3D view and the small pictures share: 3Dmol.js, the structure, and its arcs.
// File content arrives as data and goes to 3Dmol's parser or into textContent, never into markup.

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

// Without a graphics card a frame of twice the size, drawn for smooth edges, takes a fifth of
// a second; one of the view's own size a twentieth.
function drawsInSoftware() {
  const gl = document.createElement("canvas").getContext("webgl");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(name);
}

const FINE = 10; // 3Dmol's own steps of a ribbon between residues
const COARSE = 6; // a third of the triangles; on a screen they look the same

// Of a scene's one chain or two, as 3Dmol.js selects them; everything where there is none.
function chainsOf(scene) {
  const chain = [scene?.chain, scene?.other].filter(Boolean);
  return chain.length ? { chain } : {};
}

const keyOf = (atom) => `${atom.chain}|${atom.resi}`;

// The place in the chain, from 0, of each residue that the structure's text has.
function placesOf(keys) {
  const places = new Map();
  keys.forEach((key, place) => key && places.set(key, place));
  return places;
}

// Where arcs of a residue end: its C-alpha.
function pointsOf(model, places) {
  const points = new Map();
  for (const atom of model.selectedAtoms({})) {
    const place = places.get(keyOf(atom));
    if (place !== undefined && (atom.atom === "CA" || !points.has(place))) {
      points.set(place, { x: atom.x, y: atom.y, z: atom.z });
    }
  }
  return points;
}

function styleAtoms(viewer, drawing, colour) {
  const ball = { scale: 0.25, colorfunc: colour };
  const styles = {
    cartoon: { cartoon: { colorfunc: colour } },
    trace: { cartoon: { style: "trace", colorfunc: colour } },
    stick: { stick: { colorfunc: colour }, sphere: ball },
  };
  viewer.setStyle({}, styles[drawing]);
  if (drawing !== "stick") {
    const ligand = { hetflag: true, not: { resn: WATER } };
    viewer.addStyle(ligand, { stick: { radius: 0.2 }, sphere: { scale: 0.25 } });
  }
}

// Arcs of one colour are one shape: hundreds of them are drawn at once. Gives their number.
function drawArcs(viewer, points, groups, thickness = 1) {
  let count = 0;
  for (const group of groups) {
    const shape = viewer.addShape({ color: group.colour, opacity: group.opacity });
    for (const [from, to, thin] of group.ends) {
      const radius = thin * thickness;
      const [start, end] = [points.get(from), points.get(to)];
      if (!start || !end) continue;
      count += 1;
      if (from === to) shape.addSphere({ center: { ...start }, radius: 4 * radius });
      else if (group.arrows) {
        shape.addArrow({ start: { ...start }, end: { ...end }, radius, radiusRatio: 2.2, mid: 0.85 });
      } else {
        shape.addCylinder({ start: { ...start }, end: { ...end }, radius, fromCap: 1, toCap: 1 });
      }
    }
  }
  return count;
}

function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.png`;
  link.click();
}
