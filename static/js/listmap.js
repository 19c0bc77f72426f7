/* The map above the list of reports: single ones as tags, many as one number.
 *
 * Works on <div id="peta-laporan" hidden>; the words stand in its data attributes, and everything it shows
 * stands in the list below too. Needs Leaflet. Tiles are a setting; without them the kecamatan are drawn by
 * their outlines, where the city has them, and by name.
 */

const box = document.getElementById("peta-laporan");
const line = document.getElementById("peta-laporan-kata");
const words = box.dataset;
const CLOSE = 19;
const SINGLE = 17; // from here on the server shows one by one
let opened; // the mark whose list was opened last
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const count = (n) => n.toLocaleString(document.documentElement.lang);

function start(L) {
  box.hidden = false;
  const [lat, lon, zoom] = words.start.split(" ").map(Number);
  const [south, west, north, east] = words.bounds.split(" ").map(Number);
  const maxBounds = L.latLngBounds([south, west], [north, east]).pad(0.2);
  const map = L.map(box, { maxBounds, minZoom: 9, maxZoom: CLOSE, zoomControl: false, fadeAnimation: false });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.keys);
  box.addEventListener("keydown", ({ key }) => key === "Escape" && close(map));
  if (words.tiles) addTiles(L, map);
  else drawCity(L, map);
  followReports(L, map);
  map.setView([lat, lon], zoom);
}

/* ---------------------------------------------------------------- behind the reports */

function addTiles(L, map) {
  const tiles = L.tileLayer(words.tiles, { attribution: words.attribution, maxZoom: CLOSE });
  tiles.once("tileerror", () => drawCity(L, map));
  tiles.addTo(map);
}

const json = (address, options) =>
  fetch(address, options).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));

async function drawCity(L, map) {
  const [areas, outlines] = await Promise.all([
    json(words.areas).catch(() => []),
    words.outlines ? json(words.outlines).catch(() => undefined) : undefined,
  ]);
  if (outlines) L.geoJSON(outlines, { interactive: false, style: { className: "map-outline" } }).addTo(map);
  for (const { lat, lon, name } of areas) {
    const label = document.createElement("span");
    label.textContent = name;
    const icon = L.divIcon({ className: "map-name", html: label, iconSize: null });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
  }
}

/* ---------------------------------------------------------------- reports */

function followReports(L, map) {
  const shown = new Map(); // what is drawn, by place and content: what stays keeps its focus and its popup
  let running;
  map.on("moveend", async () => {
    running?.abort();
    running = new AbortController();
    const address = new URL(words.points, location);
    address.searchParams.set("bbox", map.getBounds().toBBoxString());
    address.searchParams.set("zoom", map.getZoom());
    try {
      draw(L, map, shown, await json(address, { signal: running.signal }));
    } catch (error) {
      if (error.name !== "AbortError") line.textContent = words.failed;
    }
  });
}

function draw(L, map, shown, { features, more }) {
  const wanted = new Map(features.map((feature) => [JSON.stringify(feature), feature]));
  for (const [key, marker] of shown) {
    if (wanted.has(key)) continue;
    marker.remove();
    shown.delete(key);
  }
  for (const [key, feature] of wanted) {
    if (!shown.has(key)) shown.set(key, (feature.properties.reports ? spot : cluster)(L, map, feature));
  }
  const n = features.reduce((sum, { properties }) => sum + properties.size, 0);
  line.textContent = [n ? fill(words.shown, { n: count(n) }) : words.nothing, more ? words.more : ""].join(" ");
}

function marker(L, map, { geometry }, className, html, label) {
  const [lon, lat] = geometry.coordinates;
  const made = L.marker([lat, lon], { icon: L.divIcon({ className, html, iconSize: null }) }).addTo(map);
  made.getElement().setAttribute("aria-label", label);
  return made;
}

/** So many reports around here: leads closer. */
function cluster(L, map, feature) {
  const { size, late, words: label } = feature.properties;
  const [west, south, east, north] = feature.bbox;
  const number = document.createElement("b");
  number.textContent = count(size);
  const made = marker(L, map, feature, `map-many${size > 99 ? " more" : ""}${late ? " late" : ""}`, number, label);
  const closer = () => {
    box.focus();
    map.fitBounds([[south, west], [north, east]], { maxZoom: SINGLE, padding: [48, 48], animate: !calm() });
  };
  made.on("click", closer);
  made.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && closer());
  return made;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** One report, or several at one place: tells which, and leads to their pages. */
function spot(L, map, feature) {
  const { size, reports } = feature.properties;
  const [first] = reports;
  const label = size > 1 ? fill(words.here, { n: count(size) }) : `${first.title}. ${first.word}`;
  const inside = document.createElement("b");
  if (size > 1) inside.textContent = count(size);
  else inside.append(icon(first.icon));
  const made = marker(L, map, feature, `map-one ${size > 1 ? "" : first.tone}`, inside, label);
  made.bindPopup(() => list(reports), { closeButton: false, maxHeight: 240 });
  made.on("popupopen", ({ popup }) => {
    opened = made;
    popup.getElement().querySelector("a").focus({ preventScroll: true });
  });
  return made;
}

/** Back from the list of a place to its mark. */
function close(map) {
  map.closePopup();
  opened?.getElement()?.focus({ preventScroll: true });
}

function list(reports) {
  const items = reports.map(({ title, url, number, word, tone, icon: name }) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: url, textContent: title });
    const state = Object.assign(document.createElement("span"), { className: `tag ${tone}` });
    state.append(icon(name), word);
    const note = Object.assign(document.createElement("span"), { className: "note no", textContent: number });
    item.append(link, state, note);
    return item;
  });
  const made = document.createElement("ul");
  made.append(...items);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${words.icons}#${name}`);
  svg.append(use);
  return svg;
}

if (window.L) start(window.L);
else line.textContent = words.failed;
