/* The filters of the list: kelurahan of the chosen kecamatan, and short addresses.
 *
 * Works on <form data-areas="address of the areas"> with the fields `kecamatan` and `kelurahan`. Without
 * a script the kelurahan are offered once a kecamatan has been applied.
 */

const form = document.querySelector("form[data-areas]");
const { kecamatan, kelurahan } = form.elements;
const field = form.querySelector("[data-villages]");
let list;

function areas() {
  list ??= fetch(form.dataset.areas).then((answer) => (answer.ok ? answer.json() : Promise.reject()));
  return list;
}

async function narrow() {
  const every = kelurahan.options[0];
  try {
    const chosen = (await areas()).find(({ code }) => code === kecamatan.value);
    kelurahan.replaceChildren(every, ...(chosen?.villages ?? []).map(([code, name]) => new Option(name, code)));
    field.hidden = !chosen;
  } catch {
    list = undefined; // no signal: the next page offers them
    kelurahan.replaceChildren(every);
    field.hidden = true;
  }
  kelurahan.value = "";
}

kecamatan.addEventListener("change", narrow);

/** What is empty stays out of the address, so that it is short enough to be passed on. */
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
