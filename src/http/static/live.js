// Keeps the page current: the server sends each element again when it looks different.

const messages = document.getElementById("messages");

export function connect(me) {
  const source = new EventSource("/room/events");
  let seen = Date.now();
  const watch = setInterval(() => {
    if (Date.now() - seen > 40_000) lost();
  }, 5_000);
  const lost = () => {
    clearInterval(watch);
    source.close();
    link("Connection lost: this page may be out of date. Trying again …");
    setTimeout(() => connect(me), 2_000);
  };
  source.onerror = lost;
  source.addEventListener("heartbeat", () => {
    seen = Date.now();
  });
  source.addEventListener("hello", (event) => {
    seen = Date.now();
    link("");
    // The session ended (a restart, a sign-out in another window): the page must not go on as if it had not.
    if (event.data !== me) location.reload();
  });
  source.addEventListener("patch", (event) => {
    seen = Date.now();
    apply(JSON.parse(event.data));
  });
}

function link(text) {
  say("link", text);
}

function say(id, text) {
  const element = document.getElementById(id);
  element.textContent = text;
  element.hidden = text === "";
}

function apply({ side, store, questions, messages: changed, ids }) {
  const stay = atEnd();
  if (store !== undefined) say("store", store);
  if (side !== undefined) morphInner(document.getElementById("side"), side);
  if (questions !== undefined) morphInner(document.getElementById("questions"), questions);
  let added = 0;
  for (const { id, html } of changed) {
    const old = document.getElementById(id);
    const fresh = parse(html);
    if (old) morph(old, fresh);
    else {
      place(fresh, ids);
      added += 1;
    }
  }
  const known = new Set(ids);
  for (const element of [...messages.children]) {
    if (!known.has(element.id) && !element.classList.contains("ephemeral")) element.remove();
  }
  if (stay) toEnd();
  else if (added > 0) document.getElementById("newer").hidden = false;
}

/** Behind the message that comes before it in the server's order. */
function place(fresh, ids) {
  const before = ids.slice(0, ids.indexOf(fresh.id)).reverse();
  const previous = before.map((id) => document.getElementById(id)).find((element) => element);
  const isLast = ids.at(-1) === fresh.id;
  if (isLast) messages.append(fresh);
  else if (previous) previous.after(fresh);
  else messages.prepend(fresh);
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function morphInner(element, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  morphChildren(element, template.content);
}

// Changes what differs and leaves the rest where it is: a button that is being pressed, a fold that was opened.
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || (old.id ?? "") !== (fresh.id ?? "")) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    const mine = name === "open" || name === "disabled";
    if (!mine && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  const olds = [...old.childNodes];
  const news = [...fresh.childNodes];
  news.forEach((node, index) => {
    if (olds[index]) morph(olds[index], node);
    else old.append(node);
  });
  for (const rest of olds.slice(news.length)) rest.remove();
}

export function atEnd() {
  return messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60;
}

export function toEnd() {
  messages.scrollTop = messages.scrollHeight;
  hideNewer();
}

export function hideNewer() {
  document.getElementById("newer").hidden = true;
}
