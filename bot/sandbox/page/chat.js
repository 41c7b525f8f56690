// The chat page: keeps a copy of the sandbox's world and shows one conversation of it.

import * as api from "/page/api.js";
import { openBench, showBench } from "/page/bench.js";
import { closeMenu, showMenu } from "/page/menu.js";
import { element, settleQuotations } from "/page/formatted.js";
import { messageElement, timeOf } from "/page/message.js";

const $ = (id) => document.getElementById(id);
const day = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" });

const world = { boot: "", revision: 0, chats: new Map(), botName: "Newsgist" };
const page = { chat: null, speaker: null, topic: null, replyTo: null, editing: null, drafts: new Map(), papers: [] };
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

// ---- what is known

function take(change) {
  if (world.boot && world.boot !== change.boot) {
    location.reload();
    return;
  }
  const first = world.boot === "";
  world.boot = change.boot;
  world.revision = change.revision;
  world.botName = change.bot.first_name;
  for (const chat of change.chats) {
    const known = world.chats.get(chat.id) ?? { messages: new Map(), unread: 0 };
    world.chats.set(chat.id, { ...known, ...chat, typingUntil: performance.now() + chat.typing_s * 1000 });
  }
  const fresh = [];
  for (const message of change.messages) {
    const chat = world.chats.get(message.chat_id);
    const isNew = !chat.messages.has(message.id);
    chat.messages.set(message.id, message);
    if (isNew && !first) {
      fresh.push(message);
      if (message.from_bot && (chat.id !== page.chat || document.hidden)) chat.unread += 1;
    }
  }
  for (const gone of change.deleted) world.chats.get(gone.chat_id)?.messages.delete(gone.message_id);
  showChats();
  if (page.chat !== null && current().migrated_to) open(current().migrated_to);
  else if (page.chat !== null) {
    showHeader();
    showTopics();
    showBench(current(), page.speaker, page.topic);
    const mine = change.messages.filter((message) => message.chat_id === page.chat);
    const lost = change.deleted.filter((gone) => gone.chat_id === page.chat);
    for (const gone of lost) elementOf(gone.message_id)?.remove();
    for (const message of mine) showMessage(message, fresh.includes(message));
    showEmpty();
    showTyping();
  }
}

async function follow() {
  for (;;) {
    try {
      take(await api.changes(world.revision));
      if (page.chat === null && !narrow()) open(world.chats.keys().next().value);
      document.body.dataset.ready = "true";
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError || error instanceof api.Refusal)) throw error;
      toast("The sandbox does not answer. Is it still running?");
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

// ---- the list

const narrow = () => matchMedia("(max-width: 760px)").matches;
const initials = (title) => title.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
const hue = (id) => String([...world.chats.keys()].indexOf(id) % 5);

function roleOf(chat) {
  if (chat.type !== "private") {
    const inside = !["left", "kicked"].includes(chat.bot_status);
    const people = chat.members.filter((member) => !["left", "kicked"].includes(member.status)).length;
    if (chat.deleted) return "deleted";
    const kind = chat.type === "channel" ? "channel, " : chat.is_forum ? "forum, " : "";
    return `${kind}${people} people ${inside ? "and" : "without"} ${world.botName}`;
  }
  if (chat.deactivated) return "has deleted their account";
  if (chat.blocked) return `has blocked ${world.botName}`;
  return chat.started ? `talking with ${world.botName}` : `has not met ${world.botName} yet`;
}

function showChats() {
  const shown = [...world.chats.values()].filter((chat) => !chat.migrated_to);
  const items = shown.map((chat) => {
    const last = [...chat.messages.values()].at(-1);
    const lastWords = last?.service ? last.service : last ? last.text.replace(/\s+/g, " ") || last.document?.file_name || "" : roleOf(chat);
    const label = chat.unread ? `${chat.title}, ${chat.unread} unread` : chat.title;
    const button = element(
      "button",
      { type: "button", "data-chat-id": chat.id, "aria-current": String(chat.id === page.chat), "aria-label": label },
      element("span", { class: "face", "data-hue": hue(chat.id), "aria-hidden": "true" }, initials(chat.title)),
      element("span", { class: "name", dir: "auto" }, chat.title, chat.role ? element("span", { class: "role" }, chat.role) : ""),
      element("span", { class: "when" }, last ? timeOf(last) : ""),
      element("span", { class: "last", dir: "auto" }, lastWords),
      chat.unread ? element("span", { class: "unread" }, String(chat.unread)) : element("span"),
    );
    button.addEventListener("click", () => open(chat.id));
    return element("li", {}, button);
  });
  const focused = document.activeElement?.dataset?.chatId;
  $("chats").replaceChildren(...items);
  if (focused) $("chats").querySelector(`[data-chat-id="${focused}"]`)?.focus();
  const unread = shown.reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) Newsgist sandbox` : "Newsgist sandbox";
}

// ---- the conversation

const current = () => world.chats.get(page.chat);
const elementOf = (id) => $("messages").querySelector(`[data-message-id="${id}"]`);
const atBottom = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 90;

function toBottom() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
  $("newest").hidden = true;
}

function open(id) {
  if (id === undefined) return;
  if (page.chat !== null) page.drafts.set(page.chat, $("composer").value);
  page.chat = id;
  page.topic = null;
  page.speaker = current().type === "private" ? id : current().members[0]?.id;
  document.body.dataset.view = "chat";
  $("messages").replaceChildren();
  setContext(null);
  closeMenu();
  $("composer").value = page.drafts.get(id) ?? "";
  showHeader();
  showSpeakers();
  showTopics();
  showBench(current(), page.speaker, page.topic);
  for (const message of current().messages.values()) showMessage(message, false);
  showEmpty();
  showTyping();
  markRead();
  fit();
  toBottom();
  if (!narrow()) $("composer").focus();
}

function markRead() {
  if (page.chat === null || document.hidden || !current().unread) {
    showChats();
    return;
  }
  current().unread = 0;
  showChats();
}

function showHeader() {
  const chat = current();
  $("chat-title").textContent = chat.title;
  $("chat-role").textContent = chat.role;
  $("chat-role").hidden = chat.role === "";
  $("chat-note").textContent = roleOf(chat);
  $("chat-face").textContent = initials(chat.title);
  $("chat-face").dataset.hue = hue(chat.id);
  // As the client of somebody who reads from right to left would show it.
  $("conversation").dir = RIGHT_TO_LEFT.has(chat.language_code.slice(0, 2)) ? "rtl" : "ltr";
  $("block").hidden = chat.type !== "private" || !chat.started || chat.deactivated;
  $("block").textContent = chat.blocked ? "Unblock bot" : "Block bot";
  const shut = (chat.type === "private" && (chat.blocked || chat.deactivated)) || chat.deleted;
  $("composer").disabled = shut;
  $("menu-open").disabled = shut;
  $("composer").placeholder = chat.blocked ? "Unblock the bot to write" : shut ? "Nobody writes here any more" : "Message";
  $("send").disabled = shut || $("composer").value.trim() === "";
}

function showSpeakers() {
  const chat = current();
  $("speaker-box").hidden = chat.type === "private";
  $("speaker").replaceChildren(
    ...chat.members.map((member) => element("option", { value: member.id }, member.anonymous ? `${member.name} (hidden)` : member.name)),
  );
  $("speaker").value = String(page.speaker);
}

function showTopics() {
  const chat = current();
  $("topics").hidden = !chat.is_forum;
  if (!chat.is_forum) return;
  const choose = (topic) => {
    page.topic = topic;
    showTopics();
    showBench(current(), page.speaker, page.topic);
    showAll();
    $("topics").querySelector('[aria-pressed="true"]').focus();
  };
  const button = (topic, name) =>
    element("button", { type: "button", "aria-pressed": String(page.topic === topic), dir: "auto", onclick: () => choose(topic) }, name);
  const made = chat.topics.map((topic) => button(topic.id, topic.closed ? `${topic.name} (closed)` : topic.name));
  $("topics").replaceChildren(button(null, "All"), ...made);
}

function showAll() {
  $("messages").replaceChildren();
  for (const message of current().messages.values()) showMessage(message, false);
  showEmpty();
  toBottom();
}

/** Tell whether a message belongs to the topic that is looked at; General's have none. */
function inTopic(message) {
  return page.topic === null || (message.thread_id ?? 1) === page.topic;
}

const acts = {
  reply: (message) => setContext({ replyTo: message }),
  edit: (message) => setContext({ editing: message }),
  command: (words) => send(words),
  reveal: (id) => {
    const found = elementOf(id);
    found?.scrollIntoView({ block: "center" });
    found?.classList.add("lit");
    setTimeout(() => found?.classList.remove("lit"), 1500);
  },
  press,
  copy: copied,
  start: askWhoOpens,
  bench: () => openBench(),
};

function showMessage(message, fresh) {
  if (!inTopic(message)) return;
  const stays = !fresh || atBottom();
  const mine = !message.from_bot && message.author_id === page.speaker;
  const named = current().type !== "private" && !mine;
  const topic = current().is_forum && page.topic === null ? current().topics.find((each) => each.id === (message.thread_id ?? 1))?.name : undefined;
  const made = messageElement(message, { mine, named, topic }, acts);
  if (fresh) made.classList.add("fresh");
  const old = elementOf(message.id);
  if (old) {
    const bottom = atBottom();
    old.replaceWith(made);
    settleQuotations(made);
    if (bottom) toBottom();
    return;
  }
  // Messages come in order; one that was restored late finds its place by its number.
  const later = [...$("messages").querySelectorAll("[data-message-id]")].find((other) => Number(other.dataset.messageId) > message.id);
  const label = day.format(new Date(message.date * 1000));
  const days = $("messages").querySelectorAll(".day");
  if (!later && days[days.length - 1]?.textContent !== label) $("messages").append(element("li", { class: "day" }, label));
  if (later) later.before(made);
  else $("messages").append(made);
  settleQuotations(made);
  if (stays || mine) toBottom();
  else $("newest").hidden = false;
}

function showEmpty() {
  const chat = current();
  const bare = ![...chat.messages.values()].some((message) => !message.service && inTopic(message));
  $("empty").hidden = !bare;
  if (!bare) return;
  const group = chat.type !== "private";
  const outside = group && ["left", "kicked"].includes(chat.bot_status);
  const met = outside ? `${world.botName} is not in ${chat.title}` : `${world.botName} has joined ${chat.title}`;
  $("empty-title").textContent = group ? met : `${chat.title} meets ${world.botName}`;
  const notes = {
    outside: "Add it: Try things, In this chat. Whoever adds it to a channel is asked privately what to post.",
    group: "In groups the bot hears commands and replies only, as on Telegram. Its admins choose the news.",
    editor: "An editor reads like anyone else, and sends the newsroom's own news: try /push and a text.",
    reader: "Say hello, or paste the address of a news site. The sample papers publish while you watch.",
  };
  $("empty-note").textContent = notes[outside ? "outside" : group ? "group" : chat.role] ?? notes.reader;
  const sample = page.papers[0]?.address;
  const starters = outside
    ? [element("button", { type: "button", onclick: () => acts.bench() }, "Try things")]
    : [element("button", { type: "button", onclick: () => send("/start") }, "Send /start")];
  if (sample && !group && chat.role !== "editor") starters.push(element("button", { type: "button", onclick: () => send(sample) }, sample));
  $("starters").replaceChildren(...starters);
}

function showTyping() {
  const left = current().typingUntil - performance.now();
  const bottom = atBottom();
  $("typing").hidden = left <= 0;
  if (left > 0) {
    setTimeout(() => page.chat !== null && showTyping(), left + 30);
    if (bottom) toBottom();
  }
}

// ---- acting

let toastTimer = 0;
function toast(words) {
  $("toast").textContent = words;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => ($("toast").hidden = true), 3500);
}

async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof api.Refusal || error instanceof TypeError)) throw error;
    toast(error instanceof api.Refusal ? error.message.replace(/^Bad Request: (sandbox: )?/, "") : "The sandbox does not answer.");
    return null;
  }
}

async function copied(text) {
  await navigator.clipboard.writeText(text);
  toast("Copied.");
}

/** Ask who opens a link to the bot: on Telegram that is whoever taps it, here anybody may be played. */
function askWhoOpens(payload) {
  const people = [...world.chats.values()].filter((chat) => chat.type === "private" && !chat.deactivated);
  const button = (name, who) => {
    const made = element("button", { type: "button", dir: "auto" }, name);
    made.addEventListener("click", () => {
      $("opener").close();
      openLink(payload, who);
    });
    return element("li", {}, made);
  };
  $("opener-people").replaceChildren(...people.map((chat) => button(chat.title, chat.id)), button("Somebody new", null));
  $("opener").showModal();
}

async function openLink(payload, who) {
  const person = who ?? (await attempt(() => api.addPerson(`Guest ${world.chats.size}`, "en")))?.id;
  if (person === undefined) return;
  while (!world.chats.has(person)) await new Promise((resolve) => setTimeout(resolve, 50));
  open(person);
  await attempt(() => api.say(person, person, `/start ${payload}`, {}));
}

async function press(message, button, made) {
  if (button.copy_text) {
    await copied(button.copy_text.text);
    return;
  }
  if (!button.callback_data || made.getAttribute("aria-busy") === "true") return;
  made.setAttribute("aria-busy", "true");
  const answer = await attempt(() => api.tap(message.chat_id, page.speaker, message.id, button.callback_data));
  made.removeAttribute("aria-busy");
  if (answer === null) return;
  if (!answer.answered) toast("The bot has not answered the tap.");
  else if (answer.alert) {
    $("alert-text").textContent = answer.text;
    $("alert").showModal();
  } else if (answer.text) toast(answer.text);
}

/** Return the topic to write in: that of the message answered, else the one that is looked at. */
const topicOf = (replyTo) => (replyTo ? replyTo.thread_id : page.topic) ?? undefined;

async function send(words) {
  const chat = page.chat;
  const text = words.trim();
  if (chat === null || text === "") return;
  const { editing, replyTo } = page;
  const done = await attempt(() =>
    editing ? api.edit(chat, page.speaker, editing.id, text) : api.say(chat, page.speaker, text, { replyTo: replyTo?.id, topic: topicOf(replyTo) }),
  );
  if (done === null) return;
  setContext(null);
  $("composer").value = "";
  closeMenu();
  fit();
}

function setContext(context) {
  const was = page.editing;
  page.replyTo = context?.replyTo ?? null;
  page.editing = context?.editing ?? null;
  $("context").hidden = context === null;
  if (context !== null) {
    $("context-kind").textContent = page.editing ? "Editing" : `Reply to ${page.replyTo.from_name}`;
    const about = page.editing ?? page.replyTo;
    $("context-text").textContent = (about.text || about.document?.file_name || "").slice(0, 120);
    if (page.editing) $("composer").value = page.editing.text;
    $("composer").focus();
  } else if (was) $("composer").value = "";
  fit();
}

function fit() {
  const box = $("composer");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 176)}px`;
  $("send").disabled = box.disabled || box.value.trim() === "";
}

function showPapers() {
  $("papers").replaceChildren(
    ...page.papers.map((paper) => {
      const button = element("button", { type: "button", title: paper.address, dir: "auto" }, paper.name);
      button.addEventListener("click", () => {
        if (page.chat === null) open([...world.chats.keys()][0]);
        document.body.dataset.view = "chat";
        $("composer").value = paper.address;
        fit();
        $("composer").focus();
      });
      return element("li", {}, button);
    }),
  );
  if (page.chat !== null) showEmpty();
}

$("writer").addEventListener("submit", (event) => {
  event.preventDefault();
  send($("composer").value);
});
$("composer").addEventListener("input", () => {
  fit();
  const words = $("composer").value;
  if (/^\/\w*$/.test(words)) offerCommands(words.slice(1), false);
  else closeMenu();
});
$("menu-open").addEventListener("click", () => {
  if ($("menu").hidden) offerCommands("", true);
  else closeMenu();
});
async function offerCommands(beginning, focus) {
  const { chat, speaker } = page;
  const offered = await attempt(() => api.commands(chat, speaker));
  if (offered === null || chat !== page.chat) return;
  if (!focus && $("composer").value !== `/${beginning}`) return;
  showMenu(offered, beginning, focus, (command) => {
    closeMenu();
    $("composer").value = "";
    send(`/${command}`);
    $("composer").focus();
  });
}
$("composer").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send($("composer").value);
  } else if (event.key === "Escape") {
    if ($("menu").hidden) setContext(null);
    else closeMenu();
  } else if (event.key === "ArrowUp" && !$("menu").hidden) {
    event.preventDefault();
    [...$("menu").querySelectorAll("button")].at(-1)?.focus();
  }
});
$("context-off").addEventListener("click", () => setContext(null));
$("newest").addEventListener("click", toBottom);
$("scroll").addEventListener("scroll", () => atBottom() && ($("newest").hidden = true));
$("back").addEventListener("click", () => {
  document.body.dataset.view = "list";
  page.drafts.set(page.chat, $("composer").value);
  page.chat = null;
  showChats();
});
$("speaker").addEventListener("change", () => {
  page.speaker = Number($("speaker").value);
  closeMenu();
  showBench(current(), page.speaker, page.topic);
  showAll();
});
$("block").addEventListener("click", () => attempt(() => api.setBlocked(page.chat, !current().blocked)));
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  $("file").value = "";
  if (!file || page.chat === null) return;
  const { replyTo } = page;
  const sent = await attempt(() =>
    api.upload(page.chat, page.speaker, file, $("composer").value.trim(), { replyTo: replyTo?.id, topic: topicOf(replyTo) }),
  );
  if (sent === null) return;
  setContext(null);
  $("composer").value = "";
  fit();
});
document.addEventListener("visibilitychange", markRead);

openBench.prepare({ attempt, toast, focusChat: () => $("composer").focus() });
attempt(api.papers).then((papers) => {
  page.papers = papers ?? [];
  if (innerHeight < 700) $("reading").open = false;
  showPapers();
});
follow();
