// The menu of commands: a button opens it, and so does a slash.

import { element } from "/page/formatted.js";

const menu = document.getElementById("menu");
const opener = document.getElementById("menu-open");

/** Take the menu away. */
export function closeMenu() {
  menu.hidden = true;
  opener.setAttribute("aria-expanded", "false");
}

/**
 * Show the commands that begin so.
 * @param offered as the bot has registered them
 * @param beginning what was typed after the slash
 * @param focus whether the first is to be focused
 * @param choose what to do with the command chosen
 */
export function showMenu(offered, beginning, focus, choose) {
  const focused = menu.contains(document.activeElement) ? document.activeElement.dataset.command : undefined;
  const fitting = offered.filter((each) => each.command.startsWith(beginning.toLowerCase()));
  const buttons = fitting.map((each) =>
    element(
      "button",
      { type: "button", "data-command": each.command, onclick: () => choose(each.command) },
      element("b", { dir: "ltr" }, `/${each.command}`),
      element("span", { dir: "auto" }, each.description),
    ),
  );
  if (buttons.length === 0 && beginning !== "") {
    closeMenu();
    if (focused !== undefined) document.getElementById("composer").focus();
    return;
  }
  menu.replaceChildren(...(buttons.length > 0 ? buttons : [element("p", {}, "The bot has registered no commands here.")]));
  menu.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  if (focus) buttons[0]?.focus();
  // Whoever moved into the menu while it was asked for stays there.
  else if (focused !== undefined) (buttons.find((each) => each.dataset.command === focused) ?? buttons.at(-1))?.focus();
}

menu.addEventListener("keydown", (event) => {
  const buttons = [...menu.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    buttons[(at + (event.key === "ArrowDown" ? 1 : -1) + buttons.length) % buttons.length]?.focus();
  } else if (event.key === "Escape") {
    closeMenu();
    opener.focus();
  }
});
