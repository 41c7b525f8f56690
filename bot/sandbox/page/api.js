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
export const say = (chat, person, text, replyTo) =>
  ask("POST", `/sandbox/chats/${chat}/messages`, { person, text, reply_to: replyTo });

/** Change a text that the person sent. */
export const edit = (chat, person, message, text) =>
  ask("PATCH", `/sandbox/chats/${chat}/messages/${message}`, { person, text });

/** Tap a button; the result carries the bot's toast or alert. */
export const tap = (chat, person, message, data) =>
  ask("POST", `/sandbox/chats/${chat}/messages/${message}/taps`, { person, data });

/** Send a file as a person. */
export function upload(chat, person, file, caption) {
  const form = new FormData();
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
