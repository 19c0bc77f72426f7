/* Counts the characters left in a text field.
 *
 * Works on <p data-counter="ID" data-max="4000" data-words="Sisa {n} huruf" hidden>. It shows once the
 * end is near, and is read out at 100, 20 and 0 only.
 */

const NEAR = 500;
const SPOKEN = [100, 20, 0];

for (const line of document.querySelectorAll("[data-counter][data-words]")) {
  const field = document.getElementById(line.dataset.counter);
  const spoken = document.createElement("span");
  spoken.className = "sr";
  spoken.setAttribute("role", "status");
  line.after(spoken);
  let step = SPOKEN.length;

  const count = () => {
    const left = Number(line.dataset.max) - [...field.value].length;
    const words = line.dataset.words.replace("{n}", Math.max(0, left));
    line.hidden = left > NEAR;
    line.textContent = words;
    const reached = SPOKEN.filter((limit) => left > limit).length;
    if (reached < step) spoken.textContent = words;
    step = reached;
  };

  field.addEventListener("input", count);
  count();
}
