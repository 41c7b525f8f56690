// One message as an element: who, what it answers, its words, its file, its buttons.

import { element, formatted, startOf } from "/page/formatted.js";

const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });

/** Return a message's time of day. */
export const timeOf = (message) => clock.format(new Date(message.date * 1000));

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function keyboard(message, acts) {
  const rows = message.keyboard.map((row) =>
    element(
      "div",
      { class: "buttons" },
      ...row.map((button) => {
        if (button.url && startOf(button.url) !== null) {
          return element("button", { type: "button", dir: "auto", onclick: () => acts.start(startOf(button.url)) }, button.text);
        }
        if (button.url) {
          return element("a", { href: button.url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, button.text);
        }
        const made = element("button", { type: "button", dir: "auto", "data-data": button.callback_data }, button.text);
        made.addEventListener("click", () => acts.press(message, button, made));
        return made;
      }),
    ),
  );
  return element("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...rows);
}

/**
 * Build a message.
 * @param message as the sandbox describes it
 * @param view {mine, named, topic}: whether the one who looks wrote it, whether to name the sender, and its topic
 * @param acts {reply, edit, press, command, copy, start, reveal}: what the page does
 */
export function messageElement(message, view, acts) {
  if (message.service) {
    return element("li", { class: "told", "data-message-id": message.id, dir: "auto" }, message.service);
  }
  const body = element("div", { class: "body", dir: "auto" });
  body.append(formatted(message.text, message.entities, acts));
  const bubble = element("div", { class: "bubble" });
  if (view.named) bubble.append(element("div", { class: "sender", dir: "auto" }, message.from_name));
  else bubble.append(element("span", { class: "heard" }, `${view.mine ? "You" : message.from_name}: `));
  if (view.topic) bubble.append(element("div", { class: "topic", dir: "auto" }, view.topic));
  if (message.forwarded_from) {
    bubble.append(element("div", { class: "forwarded" }, "Forwarded from ", element("b", { dir: "auto" }, message.forwarded_from)));
  }
  if (message.reply_to) {
    const { id, name, text } = message.reply_to;
    bubble.append(
      element(
        "button",
        { type: "button", class: "quoted", onclick: () => acts.reveal(id), "aria-label": `In answer to ${name}` },
        element("b", { dir: "auto" }, name),
        element("span", { dir: "auto" }, text),
      ),
    );
  }
  if (message.document) {
    const { address, file_name: name, file_size: bytes } = message.document;
    bubble.append(
      element("a", { class: "file", href: address, download: name }, element("span", {}, element("b", { dir: "auto" }, name), element("small", {}, size(bytes)))),
    );
  }
  bubble.append(body, element("span", { class: "meta", dir: "ltr" }, message.edited ? `edited ${timeOf(message)}` : timeOf(message)));

  const tools = element("div", { class: "tools" });
  tools.append(element("button", { type: "button", onclick: () => acts.reply(message) }, "Reply"));
  if (view.mine && !message.document) {
    tools.append(element("button", { type: "button", onclick: () => acts.edit(message) }, "Edit"));
  }
  const item = element("li", {
    class: view.mine ? "message mine" : "message",
    "data-message-id": message.id,
    "data-from": message.from_bot ? "bot" : "person",
    "data-testid": "message",
  });
  // On a narrow screen the tools wait for a tap on the message.
  bubble.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, blockquote.folds, .spoiler")) item.classList.toggle("picked");
  });
  item.append(bubble);
  if (message.keyboard.length > 0) item.append(keyboard(message, acts));
  item.append(tools);
  return item;
}
