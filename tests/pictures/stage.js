// What a card or form looks like to its reader in Slack and in Teams, on one page.
// Slack by slack-blocks-to-jsx, Teams by Microsoft's open renderer with its own settings for Teams.
import { AdaptiveCard, HostConfig } from "adaptivecards/dist/adaptivecards.js";
import teams from "adaptivecards-designer/lib/hostConfigs/microsoft-teams-light.json";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import { Message } from "slack-blocks-to-jsx";

import "./stage.css";

const TIME = new Date("2026-03-09T09:05:00Z");
const LOGO = "data:image/svg+xml," + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="36" height="36"><rect width="36" height="36" rx="6" fill="#0d5c63"/></svg>',
);

function made(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function slackBlocks(into, blocks, more) {
  flushSync(() => createRoot(into).render(
    createElement(Message, { blocks, name: "Privacy Desk", logo: LOGO, time: TIME, theme: "light", ...more }),
  ));
}

// The library groups radio buttons by an id that Slack lets every field share.
function named(block) {
  if (block.type !== "input") return block;
  return { ...block, element: { ...block.element, action_id: block.block_id } };
}

function slack(frame, shown) {
  if (shown.type !== "modal") return slackBlocks(frame, shown.blocks, {});
  const head = frame.appendChild(made("header", "head"));
  head.append(made("span", "title", shown.title.text), made("span", "close", shown.close.text));
  slackBlocks(frame.appendChild(made("div", "inside")), shown.blocks.map(named), { withoutWrapper: true });
  frame.appendChild(made("footer", "foot")).append(made("span", "submit", shown.submit.text));
}

function teamsCard(frame, shown, title) {
  frame.append(title ? made("header", "head", title) : made("div", "sender", "Privacy Desk  10:05"));
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig(teams);
  card.parse(shown);
  frame.appendChild(made("div", "teams-card")).append(card.render());
}

// Draw each of what is shown, one below the other, in place of what stood there.
window.draw = (pictures) => {
  const stage = document.getElementById("stage");
  stage.replaceChildren();
  for (const { name, chat, shown, title } of pictures) {
    // a form each: two cards that ask for the same must not share their radio buttons
    const frame = stage.appendChild(made("form", `shown ${chat}${title ? " dialog" : ""}`));
    frame.dataset.name = name;
    if (chat === "slack") slack(frame, shown);
    else teamsCard(frame, shown, title);
  }
};
