// Saves reloads. Everything it does the plain page can do too, one page at a time.
import { hint, remember, startLine } from "./line.js";
import { atEnd, connect, hideNewer, parse, toEnd } from "./live.js";

const messages = document.getElementById("messages");
const composer = document.getElementById("composer");
/** An answer that is there by then needs no sign that it is under way. */
const SOON_MS = 300;
if (messages) start();

function start() {
  const me = document.getElementById("me").textContent;
  document.getElementById("who")?.querySelector("button")?.remove();
  document.getElementById("who")?.addEventListener("change", (event) => event.currentTarget.submit());
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onDismiss);
  document.getElementById("newer").addEventListener("click", toEnd);
  messages.addEventListener("scroll", () => atEnd() && hideNewer());
  if (composer) startLine(JSON.parse(composer.dataset.verbs));
  toEnd();
  connect(me);
}

function onDismiss(event) {
  const button = event.target.closest?.(".dismiss");
  if (button) button.closest(".message").remove();
}

async function onSubmit(event) {
  const form = event.target;
  if (form === composer) {
    event.preventDefault();
    await say();
  } else if (form.classList.contains("press")) {
    event.preventDefault();
    await press(form);
  }
}

async function press(form) {
  const asked = await confirmPress(form);
  if (asked === undefined) return;
  const data = new URLSearchParams(new FormData(form));
  data.set("confirmed", "yes");
  if (asked !== "") data.set("asked", asked);
  const button = form.querySelector("button");
  button.disabled = true;
  await send("/press", data, form.dataset.label);
  button.disabled = false;
}

/** Resolves to the text asked for (or ""), or to undefined when the person thinks better of it. */
function confirmPress(form) {
  const { label, style, confirm, ask } = form.dataset;
  if (!confirm && !ask) return Promise.resolve("");
  const dialog = document.getElementById("ask");
  const text = document.getElementById("ask-text");
  const yes = document.getElementById("ask-yes");
  document.getElementById("ask-title").textContent = label;
  document.getElementById("ask-confirm").textContent = confirm ?? "";
  document.getElementById("ask-label").hidden = !ask;
  document.querySelector("#ask-label span").textContent = ask ?? "";
  text.value = "";
  text.required = Boolean(ask);
  yes.textContent = label;
  yes.className = style;
  dialog.returnValue = "";
  dialog.showModal();
  if (ask) text.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? text.value.trim() : undefined), {
      once: true,
    });
  });
}

async function say() {
  const input = document.getElementById("text");
  const text = input.value.trim();
  if (text === "") return;
  remember(text);
  input.value = "";
  hint();
  const fine = await send("/say", new URLSearchParams({ text }), text);
  // What was refused can be mended without typing it again.
  if (!fine && input.value === "") input.value = text;
}

async function send(path, body, what) {
  const done = pending(what);
  try {
    const response = await fetch(path, { method: "POST", body, headers: { accept: "application/json" } });
    const answer = await response.json();
    show(answer.html ?? "", answer);
    return response.ok;
  } catch {
    local(
      "Muster could not be reached; it is not known whether this was done. Look at the status, or try: npm run dr -- status",
    );
    return false;
  } finally {
    done();
  }
}

/** A line in the place of an answer that is under way, until what this returns is called. */
function pending(what) {
  let line;
  const timer = setTimeout(() => {
    const name = what.length > 60 ? `${what.slice(0, 59)}…` : what;
    line = local(`Working on “${name}” … It was taken; there is no need to ask again.`, "info");
  }, SOON_MS);
  return () => {
    clearTimeout(timer);
    line?.remove();
  };
}

function show(html, answer) {
  if (html === "" && answer.summary) local(`${answer.summary} ${answer.hint}`);
  if (html === "") return;
  const element = parse(html);
  const dismiss = document.createElement("button");
  dismiss.className = "dismiss quiet";
  dismiss.type = "button";
  dismiss.textContent = "Dismiss";
  element.querySelector(".author").append(" · ", dismiss);
  messages.append(element);
  for (const old of [...messages.querySelectorAll(".ephemeral")].slice(0, -10)) old.remove();
  toEnd();
}

function local(text, tone = "warning") {
  const element = parse(
    '<div class="message ephemeral"><span class="author">Only you see this</span><div class="body"><p class="card"></p></div></div>',
  );
  element.querySelector("p").classList.add(tone);
  element.querySelector("p").textContent = text;
  messages.append(element);
  toEnd();
  return element;
}
