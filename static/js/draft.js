/* Keeps the words of an unsent report on this device for a day, in case the signal or battery dies.
 *
 * Text only: no photo, no contact, no choice. Nothing is kept of a report that is rahasia or about an
 * office, or where a box offers help against violence, and nothing on a phone said to be borrowed.
 */

const KEY = "tanggap-draft";
const DECLINED = "tanggap-no-draft";
const DAY = 24 * 60 * 60 * 1000;
const FIELDS = ["text", "landmark"];
const SILENT = ["violence", "child", "crisis", "office"];

const form = document.getElementById("laporan");
const place = form.querySelector("[data-draft]");
const note = form.querySelector("[data-draft-kept]");
const words = place.dataset;

/** Storage may be switched off or full; then there is no draft, and that is all. */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

function stored() {
  const draft = attempt(() => JSON.parse(localStorage.getItem(KEY)));
  if (draft && Date.now() - draft.at < DAY) return draft;
  forget();
  return null;
}

function forget() {
  attempt(() => localStorage.removeItem(KEY));
  note.hidden = true;
}

function isHidden() {
  const seen = [...form.querySelectorAll("[name=seen]")].map((input) => input.value);
  return (
    form.querySelector("[name=visibility]:checked")?.value === "rahasia" ||
    form.querySelector("[name=category]:checked")?.hasAttribute("data-office") ||
    seen.some((topic) => SILENT.includes(topic))
  );
}

function save() {
  const hidden = isHidden();
  place.hidden = !hidden;
  if (hidden) place.textContent = words.hidden;
  if (hidden || attempt(() => sessionStorage.getItem(DECLINED)) || !form.elements.text.value.trim()) {
    return forget();
  }
  const draft = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
  const kept = attempt(() => (localStorage.setItem(KEY, JSON.stringify({ ...draft, at: Date.now() })), true));
  note.hidden = !kept;
}

function button(label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn line slim";
  made.textContent = label;
  made.addEventListener("click", () => {
    action();
    place.hidden = true;
    form.elements.text.focus();
  });
  return made;
}

function offer(draft) {
  const line = document.createElement("p");
  const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  line.textContent = words.found.replace("{datetime}", moment.format(draft.at));
  const choices = document.createElement("p");
  choices.className = "row";
  const use = () => FIELDS.forEach((name) => (form.elements[name].value = draft[name] ?? ""));
  choices.append(button(words.use, () => (use(), save())), button(words.discard, forget));
  place.replaceChildren(line, choices);
  place.hidden = false;
}

let timer;
form.addEventListener("input", (event) => {
  if (!FIELDS.includes(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(save, 500);
});
form.addEventListener("change", save);
addEventListener("pagehide", save);
note.querySelector("button").addEventListener("click", () => {
  attempt(() => sessionStorage.setItem(DECLINED, "1"));
  clearTimeout(timer);
  forget();
});

const draft = stored();
if (form.elements.text.value) save();
else if (draft && !isHidden()) offer(draft);
