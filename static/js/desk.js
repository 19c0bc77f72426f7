/* The desk with fewer clicks; every page works without it.
 *
 * Queue: in a table with data-keys, j and k move between its links while one of them has the focus.
 * Reply templates: a button named "templat" puts its words into the form at once, without a reload.
 * Slots: a textarea with data-slots counts the [[slots]] still open and leads from one to the next.
 */

const SLOT = /\[\[[^[\]]*\]\]/g;

function moveByKeys(table) {
  const links = [...table.querySelectorAll("td a")];
  table.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    const at = links.indexOf(document.activeElement);
    if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    links[at + step]?.focus();
  });
}

/** Select the next open slot after the caret, or the first one. */
function selectSlot(area) {
  const slots = [...area.value.matchAll(SLOT)];
  const slot = slots.find((one) => one.index >= area.selectionEnd) ?? slots[0];
  area.focus();
  if (slot) area.setSelectionRange(slot.index, slot.index + slot[0].length);
}

function countSlots(area) {
  const line = document.createElement("p");
  line.className = "note row";
  const words = document.createElement("span");
  words.setAttribute("role", "status");
  const next = document.createElement("button");
  next.type = "button";
  next.className = "btn line slim";
  next.textContent = area.dataset.textNext;
  next.addEventListener("click", () => selectSlot(area));
  line.append(words, next);
  area.after(line);
  const tell = () => {
    const open = area.value.match(SLOT)?.length ?? 0;
    line.hidden = !open;
    words.textContent = open ? area.dataset.textSlots.replace("{n}", open) : "";
  };
  area.addEventListener("input", tell);
  tell();
}

function useTemplates(form) {
  const area = form.elements.words;
  for (const button of form.querySelectorAll('button[name="templat"]')) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const template = button.closest("details");
      const words = template.querySelector("[data-words]").textContent;
      const written = area.value.trim();
      area.value = written ? `${written}\n\n${words}` : words;
      form.elements.template.value = button.value;
      if ("private" in button.dataset && form.elements.private) form.elements.private.checked = true;
      template.open = false;
      area.dispatchEvent(new Event("input"));
      area.setSelectionRange(written.length, written.length);
      selectSlot(area);
    });
  }
}

document.querySelectorAll("table[data-keys]").forEach(moveByKeys);
document.querySelectorAll("textarea[data-slots]").forEach((area) => {
  countSlots(area);
  useTemplates(area.form);
});
