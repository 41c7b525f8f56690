// Formatted text: a message's entities as elements. Text only ever becomes text nodes, never markup.

const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

const START_LINK = /^(?:https?:\/\/)?t\.me\/\w+\?start=([\w-]{1,64})$/;
const MOST_COPIED_CHARS = 200;

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  pre: "pre",
};

/** Return what a link to the bot makes somebody send behind /start; null where it is no such link. */
export const startOf = (address) => START_LINK.exec(address.trim())?.[1] ?? null;

/** Build an element and fill it; children are nodes or strings. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** A link to the bot opens its chat, as Telegram does; here somebody must be named who opens it. */
function startLink(address, inner, acts) {
  return element("button", { type: "button", class: "command", title: address, onclick: () => acts.start(startOf(address)) }, inner);
}

/** Code is copied by a tap; a link to the bot, which is sent so to be passed on, can be opened here too. */
function code(surface, inner, acts) {
  if (surface.length > MOST_COPIED_CHARS) return element("code", {}, inner);
  const copied = element("button", { type: "button", class: "code", title: "Copy", onclick: () => acts.copy(surface) }, inner);
  if (startOf(surface) === null) return copied;
  const both = document.createDocumentFragment();
  const open = element("button", { type: "button", class: "opens", "data-testid": "open-as", onclick: () => acts.start(startOf(surface)) }, "Open as…");
  both.append(copied, " ", open);
  return both;
}

function link(address, inner, acts) {
  if (startOf(address) !== null) return startLink(address, inner, acts);
  const full = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `http://${address}`;
  if (!SAFE_LINK.test(full)) return element("span", { class: "tag", title: address }, inner);
  return element("a", { href: full, target: "_blank", rel: "noopener noreferrer" }, inner);
}

function quotation(inner, expandable) {
  const words = element("span", { class: "inner" }, inner);
  const quote = element("blockquote", {}, words);
  if (!expandable) return quote;
  quote.classList.add("expandable", "folds", "folded");
  const button = element("button", { type: "button", class: "fold", "aria-expanded": "false" }, "Show all");
  const turn = () => {
    const folded = quote.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = folded ? "Show all" : "Show less";
  };
  quote.addEventListener("click", (event) => {
    if (!event.target.closest("a") && String(getSelection()) === "") turn();
  });
  quote.append(button);
  return quote;
}

function spoiler(inner) {
  const hidden = element("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text, tap to show" }, inner);
  const show = () => {
    hidden.classList.add("shown");
    hidden.removeAttribute("role");
    hidden.removeAttribute("tabindex");
    hidden.removeAttribute("aria-label");
  };
  hidden.addEventListener("click", show);
  hidden.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return hidden;
}

function dress(entity, surface, inner, acts) {
  switch (entity.type) {
    case "text_link":
      return link(entity.url, inner, acts);
    case "url":
      return link(surface, inner, acts);
    case "email":
      return link(`mailto:${surface}`, inner, acts);
    case "bot_command":
      return element("button", { type: "button", class: "command", onclick: () => acts.command(surface) }, inner);
    case "code":
      return code(surface, inner, acts);
    case "blockquote":
      return quotation(inner, false);
    case "expandable_blockquote":
      return quotation(inner, true);
    case "spoiler":
      return spoiler(inner);
    case "mention":
    case "hashtag":
    case "text_mention":
      return element("span", { class: "tag" }, inner);
    default:
      return TAGS[entity.type] ? element(TAGS[entity.type], {}, inner) : inner;
  }
}

/** Render text[start, end) with the entities inside it; offsets are UTF-16 units, as JavaScript's own. */
function render(text, entities, start, end, acts) {
  const part = document.createDocumentFragment();
  let at = start;
  let rest = entities;
  while (rest.length > 0) {
    const [entity, ...others] = rest;
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    const inside = others.filter((other) => other.offset < to);
    rest = others.filter((other) => other.offset >= to);
    if (to <= from) continue;
    part.append(text.slice(at, from));
    const surface = text.slice(from, to);
    part.append(dress(entity, surface, render(text, inside, from, to, acts), acts));
    at = to;
    // A quotation is a block: the line break behind it would show as an empty line.
    if (entity.type.endsWith("blockquote") && text[at] === "\n" && at < end) at += 1;
  }
  part.append(text.slice(at, end));
  return part;
}

/** Return a message's text as a fragment; acts: {command, copy, start}, what a tap on a part of it does. */
export function formatted(text, entities, acts) {
  return render(text, entities, 0, text.length, acts);
}

/** Unfold the quotations that are short enough to show whole. Call once they stand in the page. */
export function settleQuotations(root) {
  for (const quote of root.querySelectorAll("blockquote.folds.folded")) {
    const words = quote.querySelector(".inner");
    if (words.clientHeight > 0 && words.scrollHeight <= words.clientHeight + 2) {
      quote.classList.remove("folds", "folded");
      quote.querySelector(".fold").remove();
    }
  }
}
