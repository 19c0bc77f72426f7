/* The report form while somebody writes: subjects suggested from the text, advice, who may see it,
 * leaving quickly, and a line that stalls. Each of them the server also does without this script.
 */

const form = document.getElementById("laporan");
const { text } = form.elements;
const all = (selector) => [...form.querySelectorAll(selector)];
const radios = (name) => all(`[type=radio][name=${name}]`);
const chosen = (name) => form.querySelector(`[name=${name}]:checked`);

for (const part of all("[data-without-script]")) part.hidden = true;


/* ---------------------------------------------------------------- subjects and advice */

const subject = document.getElementById("category");
const cards = subject.querySelector("[data-cards]");
const rest = subject.querySelector("[data-rest]");
const suggestedLine = subject.querySelector("[data-suggested]");
const advice = form.querySelector("[data-advice]");
const WAIT = 900;
const ENOUGH = 20;
let asking = new AbortController();
let asked = "";
let timer;

advice.setAttribute("aria-live", "polite");

async function advise() {
  const question = `${chosen("category")?.value} ${text.value.trim()}`;
  if (question === asked) return;
  asked = question;
  asking.abort();
  asking = new AbortController();
  const body = new FormData();
  for (const name of ["csrf_token", "text", "about_unit"]) body.append(name, form.elements[name]?.value ?? "");
  body.append("category", chosen("category")?.value ?? "");
  for (const input of all("[name=seen]")) if (!advice.contains(input)) body.append("seen", input.value);
  try {
    const answer = await fetch(form.dataset.advise, { method: "POST", body, signal: asking.signal });
    if (answer.ok) show(await answer.json());
  } catch {
    asked = ""; // no signal, or a newer question: the server advises before it stores anything
  }
}

function show({ suggested, advice: html }) {
  advice.innerHTML = html; // our own page's part, made by the server
  form.dispatchEvent(new Event("change"));
  // Nobody likes a list that moves while they choose from it.
  if (suggested.length && !subject.contains(document.activeElement)) bringUp(suggested);
}

function bringUp(suggested) {
  for (const card of [...cards.children]) {
    const radio = card.querySelector("input");
    if (!radio.checked && radio.value !== "other") rest?.prepend(card);
  }
  cards.prepend(...suggested.map(cardOf).filter(Boolean));
  suggestedLine.hidden = false;
}

/** The line of the list, made a card with a hint and an icon. */
function cardOf({ slug, hint, icon }) {
  const label = radios("category").find(({ value }) => value === slug)?.closest("label");
  if (label && !label.querySelector(".note")) {
    const note = document.createElement("span");
    note.className = "note";
    note.textContent = hint;
    label.querySelector("span").append(note);
    const sign = `<svg class="i" aria-hidden="true"><use href="${form.dataset.icons}#${icon}"/></svg>`;
    label.insertAdjacentHTML("beforeend", sign);
  }
  return label;
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  if (text.value.trim().length >= ENOUGH) timer = setTimeout(advise, WAIT);
});
text.addEventListener("change", advise);

/* ---------------------------------------------------------------- who may see it */

const locked = form.querySelector("[data-locked]");
let decided = false; // whether the reporter chose by hand

function offerVisibilities({ dataset }) {
  const allowed = dataset.allowed?.split(" ") ?? ["publik", "anonim", "rahasia"];
  const preset = dataset.default ?? "publik";
  for (const radio of radios("visibility")) {
    radio.disabled = !allowed.includes(radio.value);
    radio.closest("label").hidden = radio.disabled;
    if (decided && !radio.disabled && radio.checked) continue;
    if (!decided || (radio.checked && radio.disabled)) radio.checked = false;
  }
  if (!chosen("visibility")) radios("visibility").find(({ value }) => value === preset).checked = true;
  locked.textContent = allowed.includes("publik") ? "" : locked.dataset.locked;
  showContactFor();
}

function showContactFor() {
  const visibility = chosen("visibility")?.value;
  for (const part of all("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(visibility);
}

form.addEventListener("change", ({ target }) => {
  if (target.name === "visibility") {
    decided = true;
    showContactFor();
  }
  if (target.name === "category") {
    form.elements.visibility_for.value = target.value;
    offerVisibilities(target);
    advise();
  }
});

/* ---------------------------------------------------------------- a pin, for those who want one */

const pin = form.querySelector("[data-map]");

function offerPin(selector, action) {
  const button = pin.querySelector(selector);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await (await import(pin.dataset.script))[action]();
    } catch {
      document.getElementById("peta-kata").textContent = pin.dataset.tileless; // no signal
    }
  });
}

pin.hidden = false;
offerPin("[data-open-map]", "toggle");
if ("geolocation" in navigator) offerPin("[data-use-position]", "usePosition");

/* ---------------------------------------------------------------- nothing left behind */

function isHidden() {
  return chosen("visibility")?.value === "rahasia" || Boolean(chosen("category")?.hasAttribute("data-office"));
}

/** "Back" brings the words of an open form again. With them belongs the key they were sent under, so
 * that sending them again is the same report. Of a hidden report nothing comes back. */
function keepForBack() {
  const hidden = isHidden();
  form.autocomplete = hidden ? "off" : "on";
  history.replaceState(hidden ? null : { key: form.elements.form_key.value }, "");
}

if (history.state?.key && !isHidden()) form.elements.form_key.value = history.state.key;
keepForBack();
form.addEventListener("change", keepForBack);
addEventListener("pagehide", () => isHidden() && form.reset());

/* ---------------------------------------------------------------- leaving quickly */

function leave(link) {
  form.reset();
  location.replace(link.href);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-quick-exit]");
  if (!link) return;
  event.preventDefault();
  leave(link);
});

let escaped = 0;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const link = document.querySelector("[data-quick-exit]");
  if (link && event.timeStamp - escaped < 1000) leave(link);
  escaped = event.timeStamp;
});

/* ---------------------------------------------------------------- a line that stalls */

const status = form.querySelector("[data-sending]");
const files = form.elements.photos;
const PATIENCE = 20_000;
let sending = false;

form.addEventListener("submit", (event) => {
  if (sending) return event.preventDefault(); // the same form twice is one report, but costs data
  sending = true;
  status.textContent = status.dataset.sending;
  if (files?.files.length && event.submitter?.value === "send") setTimeout(() => offerRest(event.submitter), PATIENCE);
});

function offerRest(submitter) {
  if (!sending) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn line";
  button.textContent = status.dataset.rest;
  button.addEventListener("click", () => {
    window.stop();
    sending = false;
    files.value = "";
    form.requestSubmit(submitter);
  });
  status.replaceChildren(status.dataset.slow, " ", button);
}

addEventListener("pageshow", () => {
  sending = false;
  status.textContent = "";
});
