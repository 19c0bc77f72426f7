/* Shows the kelurahan of the chosen kecamatan, and suggests the kecamatan nearest to a pin.
 *
 * Works on <form data-areas="address of the list"> with the fields `district` and `village`. A "pin"
 * event on the form (detail: lat, lon) asks for the nearest kecamatan; the citizen's own choice wins.
 */

const form = document.querySelector("form[data-areas]");
const { district, village } = form.elements;
const button = form.querySelector("[data-without-script] [value=areas]").parentElement;
let list;

function areas() {
  list ??= fetch(form.dataset.areas).then((answer) => (answer.ok ? answer.json() : Promise.reject()));
  return list;
}

/** Put the kelurahan between the first choice ("choose") and the last one ("not sure"). */
function show(villages) {
  const [first, last] = [village.options[0], village.options[village.options.length - 1]];
  const kept = village.value;
  village.replaceChildren(first, ...villages.map(([code, name]) => new Option(name, code)), last);
  village.value = kept;
  if (!village.value) first.selected = true;
}

async function narrow() {
  try {
    const chosen = (await areas()).find(({ code }) => code === district.value);
    show(chosen?.villages ?? []);
    button.hidden = true;
  } catch {
    list = undefined; // no signal: the button asks the server instead
    button.hidden = false;
  }
}

function nearest(all, { lat, lon }) {
  const stretch = Math.cos((lat * Math.PI) / 180);
  const distance = (area) => Math.hypot(area.lat - lat, (area.lon - lon) * stretch);
  return all.reduce((best, area) => (distance(area) < distance(best) ? area : best));
}

async function suggest({ detail }) {
  const area = nearest(await areas(), detail);
  if (!district.value) {
    district.value = area.code;
    await narrow();
  }
  detail.say(area.name);
}

button.hidden = true;
district.addEventListener("focus", () => areas().catch(() => (list = undefined)), { once: true });
district.addEventListener("change", narrow);
form.addEventListener("pin", (event) => suggest(event).catch(() => {}));
if (district.value && village.options.length < 3) narrow();
