/* The receipt: copy the code, print, and forget the draft of what has arrived. */

for (const copy of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.dataset.copy);
    const said = copy.parentElement.querySelector("[data-copied]");
    said.textContent = said.dataset.copied;
  });
}

for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

try {
  localStorage.removeItem("tanggap-draft");
  sessionStorage.removeItem("tanggap-no-draft");
} catch {
  // a browser that stores nothing has nothing to forget
}
