/* The reporter's page: buttons that print it. Without this script the browser's own menu does. */

for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
