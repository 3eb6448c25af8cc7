// What a reader would find where a card is drawn: every text said, and what is too wide, cut, pale or small to touch.
"use strict";

const WIDER = 0.5; // CSS pixels that rounding may add
const CONTRAST = 4.5; // WCAG 2.2, 1.4.3
const FINGER = 24; // CSS pixels; WCAG 2.2, 2.5.8
const OURS = "article, [role=dialog]"; // of the console, whose page must not scroll to the side either

function unseen(element) {
  return element.closest(".unseen") !== null || element.closest("thead") !== null && getComputedStyle(element.closest("thead")).clipPath !== "none";
}

function visible(element) {
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !unseen(element);
}

function called(element) {
  const words = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim().replace(/\s+/g, " ");
  return `${element.tagName.toLowerCase()} “${words.slice(0, 60)}”`;
}

// What sticks out of the card to the side, or could be scrolled there.
function wide(frame) {
  const found = [];
  const edge = frame.getBoundingClientRect();
  for (const element of [frame, ...frame.querySelectorAll("*")]) {
    if (!visible(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > edge.right + WIDER || box.left < edge.left - WIDER)) found.push(called(element));
    const scrolls = ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
    if ((element === frame || scrolls) && element.scrollWidth > element.clientWidth + WIDER) found.push(`scrolls: ${called(element)}`);
  }
  const root = document.documentElement;
  if (frame.matches(OURS) && root.scrollWidth > root.clientWidth) found.push("the page can be scrolled to the side");
  return found;
}

// Words that end in … though more was said, or that an edge hides.
function cut(frame) {
  const found = [];
  for (const element of frame.querySelectorAll("*")) {
    if (!visible(element) || element.matches("input, select, textarea") || !element.innerText) continue;
    const style = getComputedStyle(element);
    const hides = ["hidden", "clip"];
    const beside = hides.includes(style.overflowX) && element.scrollWidth > element.clientWidth + WIDER;
    const below = hides.includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1 + WIDER;
    if (element.clientWidth && (beside || below)) found.push(called(element));
  }
  return found;
}

function channels(color) {
  const numbers = color.match(/[\d.]+/g).map(Number);
  const [red, green, blue, alpha = 1] = numbers;
  return color.startsWith("color(") ? [red * 255, green * 255, blue * 255, alpha] : [red, green, blue, alpha];
}

function over(front, back) {
  const alpha = front[3];
  return [0, 1, 2].map((at) => front[at] * alpha + back[at] * (1 - alpha)).concat(1);
}

function ground(element) {
  const behind = element.parentElement ? () => ground(element.parentElement) : () => [255, 255, 255, 1];
  const own = channels(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, behind());
}

function luminance([red, green, blue]) {
  const linear = [red, green, blue].map((one) => one / 255).map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(element) {
  const back = ground(element);
  const front = over(channels(getComputedStyle(element).color), back);
  const [dark, light] = [luminance(front), luminance(back)].sort((one, other) => one - other);
  return (light + 0.05) / (dark + 0.05);
}

// Words that do not stand out enough from what is behind them.
function pale(frame) {
  const found = new Set();
  const walker = document.createTreeWalker(frame, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !visible(element) || element.matches(":disabled *")) continue;
    const ratio = contrast(element);
    if (ratio < CONTRAST) found.add(`${ratio.toFixed(2)}: ${called(element)}`);
  }
  return [...found];
}

// What is to be touched and is too small; a link among other words is as high as its line, which the rule allows.
function small(frame) {
  const found = [];
  for (const element of frame.querySelectorAll("button, summary, a[href], input:not([type=hidden]), select, textarea")) {
    if (!visible(element)) continue;
    if (element.matches("a[href]") && getComputedStyle(element).display === "inline" && element.parentElement.innerText.trim() !== element.innerText.trim()) continue;
    const touched = element.closest("label") ?? element;
    const box = touched.getBoundingClientRect();
    if (box.width < FINGER || box.height < FINGER) found.push(`${box.width.toFixed()} x ${box.height.toFixed()}: ${called(element)}`);
  }
  return found;
}

function said(frame) {
  const typed = [...frame.querySelectorAll("input, textarea")].flatMap((one) => [one.value, one.placeholder]);
  const offered = [...frame.querySelectorAll("option")].map((one) => one.textContent);
  return [frame.innerText, ...typed, ...offered].join("\n");
}

const settled = () => new Promise((done) => requestAnimationFrame(() => done()));

// Open each menu for a moment; return what stands in it and what of it sticks out.
async function menus(frame) {
  const words = [];
  const out = [];
  const inSlack = ".slack_blocks_to_jsx__overflow_menu_element > button, #static_select_dropdown_button";
  const inTeams = ".ac-pushButton[aria-label='More options']";
  for (const trigger of frame.querySelectorAll(`${inSlack}, ${inTeams}`)) {
    trigger.click();
    await settled();
    const popup = document.querySelector(".ac-ctrl-overlay");
    words.push(popup ? popup.innerText : frame.innerText);
    popup?.remove();
    if (!popup) trigger.click();
  }
  for (const menu of frame.querySelectorAll("details.menu")) {
    menu.open = true;
    words.push(menu.innerText);
    out.push(...wide(frame).map((one) => `opened: ${one}`), ...pale(menu), ...small(menu));
    menu.open = false;
  }
  return { words: words.join("\n"), out };
}

// Each that is drawn, by name: in a chat, in the console's channel, and the form that is open.
function frames() {
  const form = document.querySelector(".curtain > [role=dialog]");
  if (form) return [[form.dataset.name, form]];
  const posts = [...document.querySelectorAll("#channel > article")].map((post) => [post.id.replace("at-", ""), post]);
  return posts.length ? posts : [...document.querySelectorAll(".shown")].map((frame) => [frame.dataset.name, frame]);
}

window.looks = async (paleOnly) => {
  const all = {};
  for (const [name, frame] of frames()) {
    all[name] = { pale: pale(frame) };
    if (paleOnly) continue;
    const looks = { wide: wide(frame), cut: cut(frame), small: small(frame) };
    const opened = await menus(frame);
    Object.assign(all[name], looks, { menus: opened.out, said: `${said(frame)}\n${opened.words}` });
  }
  return all;
};

// How high the screen must be: an open form is cut off by it and scrolls, cards stand below one another.
window.tall = () => {
  const form = document.querySelector(".curtain > [role=dialog]");
  return form ? Math.ceil(Math.max(form.scrollHeight, innerHeight / 2) / 0.9) : innerHeight;
};

window.boxes = () => Object.fromEntries(frames().map(([name, frame]) => {
  const { x, y, width, height } = frame.getBoundingClientRect();
  return [name, { x, y: y + scrollY, width, height }];
}));
