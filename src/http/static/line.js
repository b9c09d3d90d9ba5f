// The line one types in: history on the arrow keys, completion of verbs on Tab, usage while typing.

const HISTORY = "muster-history";
let verbs = [];
let position = 0;
let draft = "";

export function startLine(known) {
  verbs = known;
  const input = document.getElementById("text");
  input.addEventListener("input", hint);
  input.addEventListener("keydown", onKey);
  position = history().length;
  // On a phone this would open the keyboard over what one came to read.
  if (matchMedia("(pointer: fine)").matches) input.focus({ preventScroll: true });
}

function onKey(event) {
  const input = event.target;
  if (event.key === "Tab" && !event.shiftKey && complete(input)) event.preventDefault();
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    recall(input, event.key === "ArrowUp" ? -1 : 1);
  }
}

function matching(text) {
  const typed = text.replace(/^\/?dr\s+/i, "").toLowerCase();
  if (typed === "" || typed.startsWith("/")) return [];
  return verbs.filter(({ name }) => name.startsWith(typed) || typed.startsWith(`${name} `));
}

export function hint() {
  const found = matching(document.getElementById("text").value).slice(0, 4);
  const lines = found.map(({ usage, summary }) => `${usage} — ${summary}`);
  document.getElementById("hint").textContent = lines.join("\n");
}

/** True when something was completed; otherwise Tab goes on to the next control. */
function complete(input) {
  const prefix = /^(\/?dr\s+)?/i.exec(input.value)[0];
  const typed = input.value.slice(prefix.length).toLowerCase();
  const names = verbs.map(({ name }) => name).filter((name) => name.startsWith(typed) && name !== typed);
  if (typed === "" || names.length === 0) return false;
  const common = names.reduce((one, other) => {
    let length = 0;
    while (length < one.length && one[length] === other[length]) length += 1;
    return one.slice(0, length);
  });
  input.value = prefix + (names.length === 1 ? `${common} ` : common);
  hint();
  return true;
}

function history() {
  try {
    return JSON.parse(localStorage.getItem(HISTORY) ?? "[]");
  } catch {
    return [];
  }
}

export function remember(text) {
  const list = [...history().filter((one) => one !== text), text].slice(-50);
  localStorage.setItem(HISTORY, JSON.stringify(list));
  position = list.length;
}

function recall(input, step) {
  const list = history();
  if (position === list.length) draft = input.value;
  position = Math.min(list.length, Math.max(0, position + step));
  input.value = position === list.length ? draft : list[position];
  hint();
}
