// Draws the live parts of the console anew every two seconds, unless somebody is in the middle of something.
// The page works without it; nothing here decides or writes anything.
"use strict";

const PAUSE = 2000;
const opened = new Map(); // data-key -> whether the reader opened or closed it

function busy(part) {
  const active = document.activeElement;
  const writing = part.contains(active) && active.matches("input, textarea, select");
  const selected = getSelection();
  const reading = selected && !selected.isCollapsed && part.contains(selected.anchorNode);
  return writing || reading || part.querySelector("details.menu[open]") !== null;
}

function restore(part) {
  for (const details of part.querySelectorAll("details[data-key]")) {
    if (opened.has(details.dataset.key)) details.open = opened.get(details.dataset.key);
  }
}

function swap(part, fresh) {
  if (part.dataset.drawn === fresh.innerHTML || busy(part)) return;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const again = focused && focused.name ? `[name="${CSS.escape(focused.name)}"][value="${CSS.escape(focused.value)}"]` : "";
  part.dataset.drawn = fresh.innerHTML;
  part.innerHTML = fresh.innerHTML;
  restore(part);
  if (again) part.querySelector(again)?.focus({ preventScroll: true });
}

async function refresh() {
  if (document.hidden || document.querySelector(".curtain")) return;
  const answer = await fetch("/console", { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other) swap(part, other);
  }
}

async function keepFresh() {
  for (;;) {
    await new Promise((done) => setTimeout(done, PAUSE));
    await refresh().catch(() => undefined); // the desk may be restarting: try again at the next turn
  }
}

for (const part of document.querySelectorAll("[data-live]")) part.dataset.drawn = part.innerHTML;

document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (details.dataset?.key && !details.matches(".menu")) opened.set(details.dataset.key, details.open);
}, true);

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
  document.querySelector(".curtain a.button")?.click();
});

keepFresh();
