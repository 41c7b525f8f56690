// The panel for trying things: what befalls this chat, how Telegram fails, the papers' clock, the ledger.

import * as api from "/page/api.js";
import { element } from "/page/formatted.js";

const $ = (id) => document.getElementById(id);
const LANGUAGES = ["en", "uk", "de", "fr", "es", "ru", "pl", "pt", "it", "tr", "ar", "fa"];
const PACES = [[0, "only on request"], [60, "a minute"], [30, "every 30 s"], [10, "every 10 s"], [3, "every 3 s"]];
const REFRESH_MS = 2000;
const bench = { chat: null, speaker: null, topic: null, deeds: null, timer: 0 };
const languageNames = new Intl.DisplayNames(["en"], { type: "language" });
const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

// ---- what can be done

const here = () => bench.chat.id;
const bot = (status, denied = []) => () => api.arrange(here(), "bot", { status, denied, person: bench.speaker });

function chatDeeds(chat) {
  if (chat.type === "private") {
    const deeds = [[chat.blocked ? "Unblock the bot" : "Block the bot", () => api.setBlocked(here(), !chat.blocked)]];
    if (!chat.deactivated) deeds.push(["Delete the account", () => api.deactivate(here())]);
    return deeds;
  }
  const deeds = [];
  if (["left", "kicked"].includes(chat.bot_status)) {
    deeds.push([chat.type === "channel" ? "Add the bot as admin" : "Add the bot", bot(chat.type === "channel" ? "administrator" : "member")]);
  } else {
    if (chat.bot_status === "administrator") deeds.push(["Make it a member", bot("member")]);
    else deeds.push(["Make the bot admin", bot("administrator")]);
    deeds.push(["Kick the bot", bot("kicked")]);
    if (chat.type === "channel") deeds.push(["Forbid it to post", bot("administrator", ["can_post_messages"])]);
    else deeds.push(["Silence the bot", bot("restricted")]);
  }
  if (chat.type === "group") deeds.push(["Make it a supergroup", () => api.arrange(here(), "migrate", {})]);
  if (chat.type !== "channel") {
    deeds.push([
      chat.members_may_write ? "Only admins write" : "All may write",
      () => api.arrange(here(), "permissions", { can_send_messages: !chat.members_may_write }),
    ]);
    const speaker = chat.members.find((member) => member.id === bench.speaker);
    if (speaker && ["creator", "administrator"].includes(speaker.status)) {
      deeds.push([
        speaker.anonymous ? `Show ${speaker.name}` : `Hide ${speaker.name}`,
        () => api.arrange(here(), "members", { member: speaker.id, status: speaker.status, anonymous: !speaker.anonymous }),
      ]);
    } else if (speaker) {
      deeds.push([`Make ${speaker.name} admin`, () => api.arrange(here(), "members", { member: speaker.id, status: "administrator" })]);
    }
  }
  const topic = chat.topics.find((each) => each.id === (bench.topic ?? 1));
  if (topic) {
    deeds.push([
      `${topic.closed ? "Reopen" : "Close"} ${topic.name}`,
      () => api.setTopic(here(), topic.id, { closed: !topic.closed, person: bench.speaker }),
    ]);
  }
  return deeds;
}

const FAULTS = [
  ["429 here, 10 s", () => ({ kind: "too_many", retry_after_s: 10, chat_id: here() })],
  ["429 everywhere, 10 s", () => ({ kind: "too_many", retry_after_s: 10, whole_token: true })],
  ["Network down", () => ({ kind: "down", times: null })],
  ["Next answer lost", () => ({ kind: "drop" })],
  ["502 three times", () => ({ kind: "server_error", status: 502, times: 3 })],
  ["Every 5th: 429", () => ({ kind: "too_many", every: 5, times: null, retry_after_s: 1, retry_after_max_s: 10 })],
  ["Answers 3 s late", () => ({ kind: "slow", delay_s: 3, times: 10 })],
  ["No JSON, once", () => ({ kind: "garbled" })],
  ["Another poller", () => ({ kind: "conflict", times: 3 })],
];

// ---- showing

function deedButton([label, deed]) {
  const button = element("button", { type: "button" }, label);
  button.addEventListener("click", async () => {
    await bench.deeds.attempt(deed);
    refresh();
  });
  return button;
}

function showChat() {
  if (bench.chat === null) return;
  const focused = document.activeElement?.closest("#bench-chat") ? document.activeElement.textContent : null;
  $("bench-chat").replaceChildren(...chatDeeds(bench.chat).map(deedButton));
  if (bench.chat.type === "private") {
    const select = element("select", {}, ...languageOptions(bench.chat.language_code.slice(0, 2)));
    select.addEventListener("change", () => bench.deeds.attempt(() => api.setLanguage(here(), select.value)));
    $("bench-chat").append(element("label", {}, "Speaks ", select));
  }
  if (focused) [...$("bench-chat").children].find((each) => each.textContent === focused)?.focus();
}

function languageOptions(chosen) {
  return LANGUAGES.map((code) => element("option", { value: code, selected: code === chosen }, languageNames.of(code)));
}

function faultName(fault) {
  const [label] = FAULTS.find(([, made]) => made().kind === fault.kind) ?? [fault.kind];
  const name = fault.kind === "too_many" ? "429" : label;
  return fault.times === null ? `${name}, until cleared` : `${name}, ${fault.times} more`;
}

function outcomeOf(line) {
  return line.outcome === "refused" ? `${line.error_code} ${line.description}` : line.description ? `${line.outcome}: ${line.description}` : line.outcome;
}

async function refresh() {
  if ($("bench").hidden) return;
  const only = $("ledger-here").checked && bench.chat ? here() : null;
  const known = await bench.deeds.attempt(() => Promise.all([api.armed(), api.tally(), api.ledger(only), api.pace()]));
  if (known === null) return;
  const [armed, tally, lines, pace] = known;
  $("bench-armed").replaceChildren(
    ...armed.map((fault) =>
      element("li", {}, `${faultName(fault)} `, element("button", { type: "button", onclick: () => clear(fault.kind), "aria-label": `Clear ${faultName(fault)}` }, "Clear")),
    ),
  );
  const doubled = tally.doubled.length === 0 ? "nothing twice" : `${tally.doubled.length} texts twice`;
  $("tally").textContent = `${tally.delivered} messages, ${doubled}, at most ${tally.most_in_a_second} in a second, ${tally.in_ban} sent into a ban.`;
  $("ledger").replaceChildren(
    ...lines.reverse().map((line) =>
      element(
        "li",
        { "data-outcome": line.outcome },
        element("b", {}, line.method),
        element("time", {}, clock.format(new Date(line.at * 1000))),
        element("span", { class: "outcome" }, outcomeOf(line)),
        line.text ? element("span", { class: "words", dir: "auto" }, line.text.slice(0, 90)) : "",
      ),
    ),
  );
  if (document.activeElement !== $("pace")) {
    const known_pace = PACES.some(([seconds]) => seconds === pace.every_s);
    const paces = known_pace ? PACES : [...PACES, [pace.every_s, `every ${pace.every_s} s`]];
    $("pace").replaceChildren(...paces.map(([seconds, name]) => element("option", { value: seconds, selected: seconds === pace.every_s }, name)));
  }
}

async function clear(kind) {
  await bench.deeds.attempt(() => api.disarm(kind));
  refresh();
}

/** Take note of the chat, the speaker and the topic that are looked at. */
export function showBench(chat, speaker, topic) {
  Object.assign(bench, { chat, speaker, topic });
  if (!$("bench").hidden) showChat();
}

/** Open the panel. */
export function openBench() {
  $("bench").hidden = false;
  document.body.dataset.bench = "open";
  $("bench-open").setAttribute("aria-expanded", "true");
  showChat();
  refresh();
  clearInterval(bench.timer);
  bench.timer = setInterval(refresh, REFRESH_MS);
  $("bench-close").focus();
}

function closeBench() {
  $("bench").hidden = true;
  delete document.body.dataset.bench;
  $("bench-open").setAttribute("aria-expanded", "false");
  clearInterval(bench.timer);
  $("bench-open").focus();
}

/** Wire the panel up; deeds: {attempt, toast}. */
openBench.prepare = (deeds) => {
  bench.deeds = deeds;
  $("bench-faults").replaceChildren(...FAULTS.map(([label, made]) => deedButton([label, () => api.arm(made())])));
  $("newcomer-language").replaceChildren(...languageOptions("en"));
  $("bench-open").addEventListener("click", () => ($("bench").hidden ? openBench() : closeBench()));
  $("bench-close").addEventListener("click", closeBench);
  $("bench").addEventListener("keydown", (event) => event.key === "Escape" && closeBench());
  $("ledger-here").addEventListener("change", refresh);
  $("pace").addEventListener("change", () => deeds.attempt(() => api.setPace(Number($("pace").value))));
  for (const [id, deed, words] of [["publish", api.publish, "Published"], ["correct", api.correct, "Corrected"]]) {
    $(id).addEventListener("click", async () => {
      const article = await deeds.attempt(deed);
      if (article) deeds.toast(`${words}: ${article.title}`);
    });
  }
  $("newcomer").addEventListener("submit", async (event) => {
    event.preventDefault();
    const person = await deeds.attempt(() => api.addPerson($("newcomer-name").value.trim(), $("newcomer-language").value));
    if (person) deeds.toast(`${person.first_name} is in the list.`);
  });
};
