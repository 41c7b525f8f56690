// The sandbox's people's side, as functions.

/** The sandbox's refusal, in its words. */
export class Refusal extends Error {}

async function ask(method, path, body) {
  const request = { method };
  if (body instanceof FormData) request.body = body;
  else if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(path, request);
  const result = await answer.json();
  if (!answer.ok) throw new Refusal(result.description ?? `The sandbox answered ${answer.status}`);
  return result;
}

/** Return what has changed since a revision, waiting a while for something to change. */
export const changes = (since) => ask("GET", `/sandbox/changes?since=${since}&timeout=25`);

/** Send a text as a person. */
export const say = (chat, person, text, { replyTo, topic }) =>
  ask("POST", `/sandbox/chats/${chat}/messages`, { person, text, reply_to: replyTo, thread_id: topic });

/** Change a text that the person sent. */
export const edit = (chat, person, message, text) =>
  ask("PATCH", `/sandbox/chats/${chat}/messages/${message}`, { person, text });

/** Tap a button; the result carries the bot's toast or alert. */
export const tap = (chat, person, message, data) =>
  ask("POST", `/sandbox/chats/${chat}/messages/${message}/taps`, { person, data });

/** Send a file as a person. */
export function upload(chat, person, file, caption, { replyTo, topic }) {
  const form = new FormData();
  if (replyTo) form.append("reply_to", replyTo);
  if (topic) form.append("thread_id", topic);
  form.append("person", person);
  form.append("caption", caption);
  form.append("file", file);
  return ask("POST", `/sandbox/chats/${chat}/documents`, form);
}

/** Block or unblock the bot as a person. */
export const setBlocked = (person, blocked) =>
  ask("POST", `/sandbox/people/${person}/${blocked ? "block" : "unblock"}`, {});

/** Return the sample papers. */
export const papers = () => ask("GET", "/sandbox/papers");

/** Return the commands that a person's client offers in a chat. */
export const commands = (chat, person) => ask("GET", `/sandbox/chats/${chat}/commands?person=${person}`);

/** Change what somebody or something is: a path below the chat, and what it becomes. */
export const arrange = (chat, path, body) => ask("POST", `/sandbox/chats/${chat}/${path}`, body);

/** Close or reopen a topic. */
export const setTopic = (chat, topic, body) => ask("PATCH", `/sandbox/chats/${chat}/topics/${topic}`, body);

/** Change the language of a person's client. */
export const setLanguage = (person, language) => ask("PATCH", `/sandbox/people/${person}`, { language_code: language });

/** Let a person delete their account. */
export const deactivate = (person) => ask("POST", `/sandbox/people/${person}/deactivate`, {});

/** Bring somebody new. */
export const addPerson = (name, language) => ask("POST", "/sandbox/people", { name, language_code: language });

/** Faults: arm one, list them, clear those of a kind or all. */
export const arm = (fault) => ask("POST", "/sandbox/faults", fault);
export const armed = () => ask("GET", "/sandbox/faults");
export const disarm = (kind) => ask("DELETE", `/sandbox/faults${kind ? `?kind=${kind}` : ""}`);

/** The sample papers' clock. */
export const pace = () => ask("GET", "/sandbox/pace");
export const setPace = (seconds) => ask("POST", "/sandbox/pace", { every_s: seconds });
export const publish = () => ask("POST", "/sandbox/publish", {});
export const correct = () => ask("POST", "/sandbox/correct", {});

/** What the bot asked of Telegram. */
export const ledger = (chat) => ask("GET", `/sandbox/ledger?last=60${chat ? `&chat=${chat}` : ""}`);
export const tally = () => ask("GET", "/sandbox/tally");
