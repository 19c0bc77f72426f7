/* The pin of a report: set by a tap on the map, by keyboard, or from the phone's own position.
 *
 * Works on the <fieldset data-map> of the report form; the words stand in its data attributes. The form's
 * script fetches this one when somebody wants a pin, this one fetches Leaflet and its tiles when somebody
 * opens the map, and the position is asked for by a tap only.
 */

const part = document.querySelector("[data-map]");
const words = part.dataset;
const { form } = part;
const { latitude, longitude } = form.elements;
const box = document.getElementById("peta");
const line = document.getElementById("peta-kata");
const openButton = part.querySelector("[data-open-map]");
const removeButton = part.querySelector("[data-remove-pin]");
const [south, west, north, east] = words.bounds.split(" ").map(Number);
const CLOSE = 17;
const NEAR = 14;
const POOR = 100;
let map;
let opening;
let marker;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const say = (...sentences) => (line.textContent = sentences.filter(Boolean).join(" "));
const inCity = (lat, lon) => lat >= south && lat <= north && lon >= west && lon <= east;

/* ---------------------------------------------------------------- the pin */

function place(lat, lon, ...remarks) {
  if (!inCity(lat, lon)) return say(words.outside);
  latitude.value = lat.toFixed(6);
  longitude.value = lon.toFixed(6);
  removeButton.hidden = false;
  say(words.placed, ...remarks);
  draw();
  const suggest = (kecamatan) => say(words.placed, fill(words.suggests, { kecamatan }), ...remarks);
  form.dispatchEvent(new CustomEvent("pin", { detail: { lat, lon, say: suggest } }));
}

function remove() {
  latitude.value = longitude.value = "";
  removeButton.hidden = true;
  marker?.remove();
  marker = undefined;
  say(words.removed);
  openButton.focus();
}

/* ---------------------------------------------------------------- the map */

function load() {
  const styles = [`${words.leaflet}.css`, words.styles].map((href) => {
    const link = document.createElement("link");
    return loaded(Object.assign(link, { rel: "stylesheet", href }));
  });
  return Promise.all([...styles, loaded(Object.assign(document.createElement("script"), { src: `${words.leaflet}.js` }))]);
}

function loaded(element) {
  return new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", failed);
    document.head.append(element);
  });
}

/** Shown only once it answers: a tap on an empty box would be lost. */
async function open() {
  const before = line.textContent;
  say(words.loading);
  try {
    await load();
  } catch {
    return say(words.tileless);
  }
  say(before);
  box.hidden = false;
  const L = window.L;
  const [lat, lon, zoom] = latitude.value
    ? [latitude.value, longitude.value, CLOSE]
    : words.start.split(" ").map(Number);
  const limits = L.latLngBounds([south, west], [north, east]).pad(0.2);
  map = L.map(box, { maxBounds: limits, minZoom: 10 }).setView([lat, lon], zoom);
  map.attributionControl.setPrefix(false);
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", words.keys);
  addTiles(L);
  addNames(L);
  addAim(L);
  map.on("click", ({ latlng }) => place(latlng.lat, latlng.lng));
  map.on("keydown", ({ originalEvent }) => {
    if (originalEvent.key !== "Enter") return;
    originalEvent.preventDefault(); // the form is not sent by placing the pin
    const { lat, lng } = map.getCenter();
    place(lat, lng);
  });
  draw();
}

/** An impatient second tap waits for the same map; after a failure a tap tries anew. */
function openOnce() {
  opening ??= open().finally(() => (opening = undefined));
  return opening;
}

function addTiles(L) {
  if (!words.tiles) return;
  const tiles = L.tileLayer(words.tiles, { attribution: words.attribution, maxZoom: 19 });
  tiles.once("tileerror", () => say(words.tileless));
  tiles.addTo(map);
}

/** Names of the kecamatan, so that the map tells something without tiles too. */
async function addNames(L) {
  const areas = await fetch(form.dataset.areas).then((answer) => answer.json(), () => []);
  const labels = areas.map(({ lat, lon, name }) => {
    const label = document.createElement("span");
    label.textContent = name;
    const icon = L.divIcon({ className: "map-name", html: label, iconSize: null });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(map);
    return label;
  });
  const thin = () => hideOverlaps(labels);
  map.on("zoomend", thin);
  thin();
  const chosen = areas.find(({ code }) => code === form.elements.district.value);
  if (chosen && !latitude.value) map.setView([chosen.lat, chosen.lon], NEAR);
}

function hideOverlaps(labels) {
  const shown = [];
  for (const label of labels) {
    const a = label.getBoundingClientRect();
    const covered = shown.some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom);
    label.style.visibility = covered ? "hidden" : "";
    if (!covered) shown.push(a);
  }
}

/** The cross in the middle, where Enter puts the pin. */
function addAim(L) {
  L.DomUtil.create("span", "map-aim", box).setAttribute("aria-hidden", "true");
}

function draw() {
  if (!map || !latitude.value) return;
  const at = [latitude.value, longitude.value];
  if (!marker) {
    const shape = `<svg aria-hidden="true" width="36" height="36"><use href="${form.dataset.icons}#pin"/></svg>`;
    const icon = window.L.divIcon({ className: "map-pin", html: shape, iconSize: [36, 36], iconAnchor: [18, 34] });
    marker = window.L.marker(at, { icon, draggable: true, autoPan: true, keyboard: false }).addTo(map);
    marker.on("dragend", () => place(marker.getLatLng().lat, marker.getLatLng().lng));
  }
  marker.setLatLng(at);
  map.panTo(at);
}

export async function toggle() {
  const show = box.hidden;
  if (show && !map) await openOnce();
  else box.hidden = !show;
  openButton.setAttribute("aria-expanded", String(!box.hidden));
  openButton.textContent = box.hidden ? words.open : words.close;
  if (box.hidden) return;
  map.invalidateSize();
  box.focus();
  if (!latitude.value) say(words.keys);
}

/* ---------------------------------------------------------------- the phone's position */

export function usePosition() {
  say(words.searching);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const n = Math.max(1, Math.round(coords.accuracy));
      place(coords.latitude, coords.longitude, fill(n > POOR ? words.poor : words.exact, { n }), words.note);
      if (map && latitude.value) map.setView([latitude.value, longitude.value], CLOSE);
    },
    () => say(words.denied),
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
}

removeButton.type = "button";
removeButton.addEventListener("click", remove);
